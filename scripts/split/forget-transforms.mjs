// Has a module not register tract's model transforms: node forget-transforms.mjs <module.wasm>
//
// A transform changes a model by a name that somebody gives; nobody does here. But tract registers each of them when
// the module starts, and with them everything that can be written as NNEF: no cut can take that off. So their calls
// are taken out of the function that the linker wrote to call what runs at the start. Other bytes stay where they
// are, and with them the relocations: the calls that are left fill the room, as numbers may be longer than they need.

import { readFileSync, writeFileSync } from "node:fs";

const FORGOTTEN = /tract_(core|nnef)9transform.*ctor/;

export function forget(bytes) {
  let at = 8;
  const leb = () => {
    let [value, shift, byte] = [0, 0, 0];
    do {
      byte = bytes[at++];
      value += (byte & 127) * 2 ** shift;
      shift += 7;
    } while (byte & 128);
    return value;
  };
  const text = () => {
    const length = leb();
    at += length;
    return bytes.subarray(at - length, at).toString();
  };
  let imports = 0;
  const bodies = [];
  const names = new Map();
  while (at < bytes.length) {
    const section = bytes[at++];
    const size = leb();
    const end = at + size;
    if (section === 2) {
      for (let left = leb(); left > 0; left--) {
        text();
        text();
        const kind = bytes[at++];
        if (kind === 0) imports++;
        if (kind === 1) at++;
        if (kind === 3) at++;
        if (kind === 1 || kind === 2) {
          const limited = bytes[at++] & 1;
          leb();
          if (limited) leb();
        } else if (kind === 3) at++;
        else leb();
      }
    } else if (section === 10) {
      for (let left = leb(); left > 0; left--) {
        const length = leb();
        bodies.push([at, at + length]);
        at += length;
      }
    } else if (section === 0 && text() === "name") {
      while (at < end) {
        const part = bytes[at++];
        const length = leb();
        const next = at + length;
        if (part === 1) for (let left = leb(); left > 0; left--) names.set(leb(), text());
        at = next;
      }
    }
    at = end;
  }
  const start = [...names].find(([, name]) => name === "__wasm_call_ctors")?.[0];
  if (start === undefined) return 0;
  const [from, to] = bodies[start - imports];
  at = from;
  if (leb() !== 0) throw new Error("The function that calls what runs at the start has locals.");
  // Calls and an end, nothing else.
  const calls = [];
  const first = at;
  while (at < to - 1) {
    if (bytes[at++] !== 0x10) throw new Error("The function that calls what runs at the start does more than that.");
    calls.push(leb());
  }
  const left = calls.filter((index) => !FORGOTTEN.test(names.get(index) ?? ""));
  const forgotten = calls.length - left.length;
  if (forgotten === 0) return 0;
  let spare = to - 1 - first - left.reduce((sum, index) => sum + 1 + shortest(index), 0);
  at = first;
  for (const index of left) {
    const length = Math.min(shortest(index) + spare, LONGEST);
    spare -= length - shortest(index);
    bytes[at++] = 0x10;
    for (let byte = 0; byte < length; byte++) bytes[at++] = ((index >>> (7 * byte)) & 127) | (byte < length - 1 ? 128 : 0);
  }
  if (spare !== 0) throw new Error("There is more room than the calls that are left can fill.");
  return forgotten;
}

// Bytes a number of a module takes at least and at most.
const shortest = (number) => (number < 1 << 7 ? 1 : number < 1 << 14 ? 2 : number < 1 << 21 ? 3 : number < 1 << 28 ? 4 : 5);
const LONGEST = 5;

const [file] = process.argv.slice(2);
const bytes = readFileSync(file);
const forgotten = forget(bytes);
if (forgotten) writeFileSync(file, bytes);
console.log(`${forgotten} transforms forgotten`);
