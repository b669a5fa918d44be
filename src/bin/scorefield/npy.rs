//! Arrays in NumPy's format.

/// The bytes of a file in NumPy's format 1.0: little-endian f64 of this shape, the header padded to a multiple of 64 bytes.
pub fn bytes(shape: &[usize], numbers: &[f64]) -> Vec<u8> {
    let shape: Vec<String> = shape.iter().map(usize::to_string).collect();
    let mut text = format!(
        "{{'descr': '<f8', 'fortran_order': False, 'shape': ({}), }}",
        shape.join(", ")
    );
    let unpadded = 10 + text.len() + 1;
    text.push_str(&" ".repeat(unpadded.next_multiple_of(64) - unpadded));
    text.push('\n');
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    bytes.reserve(text.len() + 2 + 8 * numbers.len());
    bytes.extend((text.len() as u16).to_le_bytes());
    bytes.extend(text.bytes());
    numbers.iter().for_each(|x| bytes.extend(x.to_le_bytes()));
    bytes
}
