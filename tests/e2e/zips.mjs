// Zip archives by hand, so that they can lie (PKWARE APPNOTE 4.3).

import { crc32, deflateRawSync } from "node:zlib";

// Entries: { name, data, store?, crc?, size?, packed?, flags?, external?, method?, compressed? }; what is
// given is written, true or not.
export function zip(entries, { comment = "", count } = {}) {
  const locals = [];
  const directory = [];
  let offset = 0;
  for (const entry of entries) {
    const data = Buffer.from(entry.data ?? "");
    const name = Buffer.isBuffer(entry.name) ? entry.name : Buffer.from(entry.name);
    const body = entry.compressed ?? (entry.store ? data : deflateRawSync(data));
    const method = entry.method ?? (entry.store ? 0 : 8);
    const flags = (entry.flags ?? 0) | 0x0800;
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt16LE(flags, 2);
    common.writeUInt16LE(method, 4);
    common.writeUInt32LE(0x00210000, 6);
    common.writeUInt32LE((entry.crc ?? crc32(data)) >>> 0, 10);
    common.writeUInt32LE(entry.packed ?? body.length, 14);
    common.writeUInt32LE(entry.size ?? data.length, 18);
    common.writeUInt16LE(name.length, 22);
    const local = Buffer.concat([Buffer.from("PK\x03\x04", "latin1"), common, name, body]);
    const central = Buffer.alloc(14);
    central.writeUInt32LE((entry.external ?? 0o100644 * 0x10000) >>> 0, 6);
    central.writeUInt32LE(offset, 10);
    directory.push(Buffer.concat([Buffer.from("PK\x01\x02\x14\x03", "latin1"), common, central, name]));
    locals.push(local);
    offset += local.length;
  }
  const central = Buffer.concat(directory);
  const end = Buffer.alloc(18);
  const many = count ?? entries.length;
  end.writeUInt16LE(Math.min(many, 0xffff), 4);
  end.writeUInt16LE(Math.min(many, 0xffff), 6);
  end.writeUInt32LE(central.length, 8);
  end.writeUInt32LE(offset, 12);
  end.writeUInt16LE(comment.length, 16);
  const tail = [Buffer.from("PK\x05\x06", "latin1"), end, Buffer.from(comment)];
  if (many > 0xffff) tail.unshift(zip64(many, central.length, offset));
  return Buffer.concat([...locals, central, ...tail]);
}

// The 64-bit end record and its locator (4.3.14, 4.3.15).
function zip64(count, size, offset) {
  const record = Buffer.alloc(56);
  record.write("PK\x06\x06", "latin1");
  record.writeBigUInt64LE(44n, 4);
  record.writeUInt16LE(45, 12);
  record.writeUInt16LE(45, 14);
  for (const at of [24, 32]) record.writeBigUInt64LE(BigInt(count), at);
  record.writeBigUInt64LE(BigInt(size), 40);
  record.writeBigUInt64LE(BigInt(offset), 48);
  const locator = Buffer.alloc(20);
  locator.write("PK\x06\x07", "latin1");
  locator.writeBigUInt64LE(BigInt(offset + size), 8);
  locator.writeUInt32LE(1, 16);
  return Buffer.concat([record, locator]);
}

// Names and contents of an archive that is known to be good.
export async function unzip(bytes) {
  const { inflateRawSync } = await import("node:zlib");
  const found = {};
  const end = bytes.lastIndexOf("PK\x05\x06", undefined, "latin1");
  let at = bytes.readUInt32LE(end + 16);
  for (let i = bytes.readUInt16LE(end + 10); i > 0; i--) {
    const [method, packed] = [bytes.readUInt16LE(at + 10), bytes.readUInt32LE(at + 20)];
    const [name, extra, comment, local] = [28, 30, 32].map((o) => bytes.readUInt16LE(at + o)).concat(bytes.readUInt32LE(at + 42));
    const start = local + 30 + bytes.readUInt16LE(local + 26) + bytes.readUInt16LE(local + 28);
    const body = bytes.subarray(start, start + packed);
    found[bytes.toString("utf8", at + 46, at + 46 + name)] = method === 8 ? inflateRawSync(body) : body;
    at += 46 + name + extra + comment;
  }
  return found;
}
