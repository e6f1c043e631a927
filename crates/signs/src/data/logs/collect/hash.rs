//! Jenkins' hash as journald has it (`jenkins_hash64`): what an entry's fields hash to, one and all.

/// The hash of bytes: lookup3, both words.
pub(super) fn jenkins(bytes: &[u8]) -> u64 {
    let length = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
    let begin = 0xdead_beef_u32.wrapping_add(length);
    let (mut a, mut b, mut c) = (begin, begin, begin);
    let mut rest = bytes;
    while rest.len() > 12 {
        let Some((block, behind)) = rest.split_first_chunk::<12>() else { break };
        a = a.wrapping_add(word(block, 0));
        b = b.wrapping_add(word(block, 4));
        c = c.wrapping_add(word(block, 8));
        (a, b, c) = mix(a, b, c);
        rest = behind;
    }
    if !rest.is_empty() {
        let mut block = [0; 12];
        block.iter_mut().zip(rest).for_each(|(to, from)| *to = *from);
        a = a.wrapping_add(word(&block, 0));
        b = b.wrapping_add(word(&block, 4));
        c = c.wrapping_add(word(&block, 8));
        (b, c) = last(a, b, c);
    }
    u64::from(c) << 32 | u64::from(b)
}

fn word(block: &[u8; 12], at: usize) -> u32 {
    let bytes = block.get(at..).and_then(|bytes| bytes.first_chunk().copied());
    u32::from_le_bytes(bytes.unwrap_or_default())
}

fn mix(mut a: u32, mut b: u32, mut c: u32) -> (u32, u32, u32) {
    // `x -= y; x ^= rot(y, by); y += z`
    const fn step(x: u32, y: u32, z: u32, by: u32) -> (u32, u32) {
        (x.wrapping_sub(y) ^ y.rotate_left(by), y.wrapping_add(z))
    }
    (a, c) = step(a, c, b, 4);
    (b, a) = step(b, a, c, 6);
    (c, b) = step(c, b, a, 8);
    (a, c) = step(a, c, b, 16);
    (b, a) = step(b, a, c, 19);
    (c, b) = step(c, b, a, 4);
    (a, b, c)
}

fn last(mut a: u32, mut b: u32, mut c: u32) -> (u32, u32) {
    c = (c ^ b).wrapping_sub(b.rotate_left(14));
    a = (a ^ c).wrapping_sub(c.rotate_left(11));
    b = (b ^ a).wrapping_sub(a.rotate_left(25));
    c = (c ^ b).wrapping_sub(b.rotate_left(16));
    a = (a ^ c).wrapping_sub(c.rotate_left(4));
    b = (b ^ a).wrapping_sub(a.rotate_left(14));
    c = (c ^ b).wrapping_sub(b.rotate_left(24));
    (b, c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_lookup3() {
        // From lookup3.c's own test (driver5): hashlittle2 with both seeds 0.
        assert_eq!(jenkins(b""), 0xdead_beef_dead_beef);
        assert_eq!(jenkins(b"Four score and seven years ago"), 0x1777_0551_ce72_26e6);
    }
}
