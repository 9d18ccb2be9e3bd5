//! Numbers as people read them.

/// "91 %", "99.6 %": whole percents, but never 100 for what is less, nor 0 for what is more.
pub fn percent(share: f32) -> String {
    let value = f64::from(share) * 100.0;
    let rounded = value.round();
    if (rounded >= 100.0 && value < 100.0) || (rounded <= 0.0 && value > 0.0) {
        let tenth = (value * 10.0).round() / 10.0;
        return match tenth {
            t if t >= 100.0 => "> 99.9\u{a0}%".into(),
            t if t <= 0.0 => "< 0.1\u{a0}%".into(),
            t => format!("{t:.1}\u{a0}%"),
        };
    }
    format!("{rounded:.0}\u{a0}%")
}

/// Width of a bar for a share, as CSS.
pub fn width(share: f32) -> String {
    format!("{:.2}%", f64::from(share.clamp(0.0, 1.0)) * 100.0)
}

/// "812 bytes", "5.6 MB": decimal units, as file managers show them.
pub fn bytes(count: u64) -> String {
    let value = count as f64;
    match count {
        0..1000 => format!("{count} bytes"),
        1000..1_000_000 => format!("{:.0} kB", value / 1e3),
        1_000_000..10_000_000 => format!("{:.1} MB", value / 1e6),
        _ => format!("{:.0} MB", value / 1e6),
    }
}

/// "12 ms", "3.4 ms", "1.2 s".
pub fn milliseconds(ms: f32) -> String {
    match ms {
        ms if ms >= 1000.0 => format!("{:.1}\u{a0}s", ms / 1000.0),
        ms if ms >= 10.0 => format!("{ms:.0}\u{a0}ms"),
        ms => format!("{ms:.1}\u{a0}ms"),
    }
}

/// "5 s", "2 min", "1 h 10 min": about how long.
pub fn duration(seconds: f64) -> String {
    let seconds = seconds.max(0.0).round() as u64;
    match seconds {
        0..60 => format!("{seconds} s"),
        60..3600 => format!("{} min", seconds.div_ceil(60)),
        _ => format!("{} h {} min", seconds / 3600, seconds % 3600 / 60),
    }
}

/// "1 picture", "2 pictures", "12,345 pictures".
pub fn count(n: usize, one: &str, many: &str) -> String {
    format!("{} {}", thousands(n), if n == 1 { one } else { many })
}

/// 12,345
pub fn thousands(n: usize) -> String {
    let digits = n.to_string();
    let mut out = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// `#0072b2`, as the colour field takes it.
pub fn hex(color: [u8; 3]) -> String {
    let [r, g, b] = color;
    format!("#{r:02x}{g:02x}{b:02x}")
}

/// Reads what the colour field gives.
pub fn parse_hex(text: &str) -> Option<[u8; 3]> {
    let digits = text.strip_prefix('#').filter(|d| d.len() == 6 && d.is_ascii())?;
    let value = u32::from_str_radix(digits, 16).ok()?;
    Some([(value >> 16) as u8, (value >> 8) as u8, value as u8])
}

/// "Cat", "Cat and Dog", "Cat, Dog and Fox".
pub fn list(names: &[String]) -> String {
    match names {
        [] => String::new(),
        [one] => one.clone(),
        [most @ .., last] => format!("{} and {last}", most.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn percents_do_not_overstate() {
        assert_eq!(percent(0.914), "91\u{a0}%");
        assert_eq!(percent(1.0), "100\u{a0}%");
        assert_eq!(percent(0.9961), "99.6\u{a0}%");
        assert_eq!(percent(0.99999), "> 99.9\u{a0}%");
        assert_eq!(percent(0.0), "0\u{a0}%");
        assert_eq!(percent(0.002), "0.2\u{a0}%");
        assert_eq!(percent(0.00001), "< 0.1\u{a0}%");
    }

    #[test]
    fn sizes_times_and_counts() {
        assert_eq!(bytes(812), "812 bytes");
        assert_eq!(bytes(5_600_000), "5.6 MB");
        assert_eq!(milliseconds(3.42), "3.4\u{a0}ms");
        assert_eq!(milliseconds(1200.0), "1.2\u{a0}s");
        assert_eq!(duration(4.6), "5 s");
        assert_eq!(duration(61.0), "2 min");
        assert_eq!(duration(4200.0), "1 h 10 min");
        assert_eq!(count(1, "picture", "pictures"), "1 picture");
        assert_eq!(count(12345, "picture", "pictures"), "12,345 pictures");
        assert_eq!(list(&["a".into(), "b".into(), "c".into()]), "a, b and c");
    }

    proptest! {
        #[test]
        fn colours_survive_the_colour_field(color: [u8; 3]) {
            prop_assert_eq!(parse_hex(&hex(color)), Some(color));
        }
    }

    #[test]
    fn what_is_no_colour_is_refused() {
        for text in ["", "#12", "red", "#12345g", "#ééé"] {
            assert_eq!(parse_hex(text), None, "{text}");
        }
    }
}
