//! Punycode of RFC 3492, one way: from what stands in the name system to what is shown.

const BASE: u32 = 36;
const T_MIN: u32 = 1;
const T_MAX: u32 = 26;

/// The label behind `xn--`, decoded; none where it is no punycode.
pub(super) fn decode(code: &str) -> Option<String> {
    let (basic, code) = code.rsplit_once('-').unwrap_or(("", code));
    let mut letters: Vec<char> = basic.chars().collect();
    let (mut number, mut place, mut bias) = (128_u32, 0_u32, 72_u32);
    let mut digits = code.bytes();
    while digits.len() > 0 {
        let before = place;
        let mut weight = 1_u32;
        let mut step = BASE;
        loop {
            let digit = match digits.next()? {
                digit @ b'a'..=b'z' => u32::from(digit - b'a'),
                digit @ b'A'..=b'Z' => u32::from(digit - b'A'),
                digit @ b'0'..=b'9' => u32::from(digit - b'0') + 26,
                _ => return None,
            };
            place = place.checked_add(digit.checked_mul(weight)?)?;
            let least = step.saturating_sub(bias).clamp(T_MIN, T_MAX);
            if digit < least {
                break;
            }
            weight = weight.checked_mul(BASE - least)?;
            step += BASE;
        }
        let many = u32::try_from(letters.len()).ok()? + 1;
        bias = adapt(place - before, many, before == 0);
        number = number.checked_add(place / many)?;
        place %= many;
        letters.insert(usize::try_from(place).ok()?, char::from_u32(number)?);
        place += 1;
        if letters.len() > 64 {
            return None;
        }
    }
    Some(letters.into_iter().collect())
}

fn adapt(delta: u32, many: u32, is_first: bool) -> u32 {
    let mut delta = if is_first { delta / 700 } else { delta / 2 };
    delta += delta / many;
    let mut step = 0;
    while delta > (BASE - T_MIN) * T_MAX / 2 {
        delta /= BASE - T_MIN;
        step += BASE;
    }
    step + (BASE - T_MIN + 1) * delta / (delta + 38)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_the_world_are_decoded_and_nonsense_is_refused() {
        assert_eq!(decode("mnchen-3ya").as_deref(), Some("münchen"));
        assert_eq!(decode("e1afmkfd").as_deref(), Some("пример"));
        assert_eq!(decode("fsqu00a").as_deref(), Some("例子"));
        assert_eq!(decode("99999999999"), None);
        assert_eq!(decode("é"), None);
    }
}
