//! What a picture looks like, in a few hundred bytes: the same after resizing, recompression, small
//! cuts, borders, greyscale, quarter turns and mirroring.
//!
//! A picture is trimmed of its uniform borders and squeezed into a square of 32 × 32 grey pixels,
//! whatever its shape. Its low frequencies give a hash: of the lowest 64, and of the lowest 256,
//! the stronger half, since the sign of a weak one is noise. Whatever is near by its hash gets a
//! second look: the two squares are laid over each other and moved until they fit best.

use std::collections::BTreeMap;
use std::f32::consts::PI;

/// Pixels along an edge of the square.
const SIDE: usize = 32;
const PIXELS: usize = SIDE * SIDE;

/// Frequencies along an edge that are hashed.
const WAVES: usize = 16;

/// How many bits of a hash count: the stronger half.
pub const BITS: u32 = 128;

/// Bits of 32 among the lowest frequencies that may differ before the rest is compared.
const COARSE: u64 = 9;

/// Bits of [`BITS`] that may differ before the squares are.
const FINE: u32 = 42;

/// How alike the squares have to be, in all and in their fine lines.
const ALIKE: f32 = 0.94;
const ALIKE_IN_LINES: f32 = 0.76;

/// Cuts with which the second look begins.
const STARTS: [f32; 6] = [0.0, 0.02, 0.035, 0.05, 0.07, 0.09];

/// Squares that are less alike than this do not become [`ALIKE`] by moving them.
const PROMISING: f32 = 0.65;

/// How much the shapes may differ before two pictures are not compared.
const SHAPE: f32 = 1.45;

/// How much of each edge of a mark may have been cut off: pictures are compared with the whole mark
/// and with its middle.
const CUTS: [f32; 3] = [0.0, 0.045, 0.09];

/// What a picture looks like.
#[derive(Clone, Debug, PartialEq)]
pub struct Signature {
    pixels: Vec<f32>,
    /// Width through height, after the borders were trimmed.
    shape: f32,
}

/// Text that is no signature.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, miette::Diagnostic)]
#[error("this is no hash of a picture")]
#[diagnostic(
    code(clearpost::assets::malformed_hash),
    help("`clearpost assets hash FILE` prints one")
)]
pub struct NotASignature;

const PREFIX: &str = "cp1-";
const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

impl Signature {
    /// The signatures of a grey picture, `width` pixels a row: one, or a second one where it cannot be
    /// told whether an even edge is a border; none if there is nothing on it.
    pub fn of(grey: &[f32], width: usize) -> Vec<Self> {
        let height = grey.len().checked_div(width).unwrap_or_default();
        if height == 0 {
            return Vec::new();
        }
        let mut made: Vec<Self> = Vec::new();
        for apart in [false, true] {
            let frame = trimmed(grey, width, height, apart);
            let (wide, high) = (frame.right - frame.left, frame.bottom - frame.top);
            let pixels = squeezed(grey, width, &frame);
            // Sixteen greys, as they are written down.
            let pixels: Vec<f32> = pixels.into_iter().map(quantised).collect();
            let is_new = made.iter().all(|known| known.pixels != pixels);
            if deviation(&pixels) > 0.3 && is_new {
                let shape = ratio(wide, high);
                made.push(Self { pixels, shape });
            }
        }
        made
    }

    /// As it is written in a registry.
    pub fn written(&self) -> String {
        let mut bits: Vec<u8> = Vec::with_capacity(PIXELS + 2);
        bits.extend(self.pixels.iter().map(|grey| nibble(*grey)));
        let shape = shape_code(self.shape);
        bits.extend([shape >> 4, shape & 15]);
        let mut text = PREFIX.to_owned();
        // Three greys are two letters.
        for three in bits.chunks(3) {
            let value = three
                .iter()
                .fold(0_usize, |sum, grey| sum * 16 + usize::from(*grey))
                << (4 * (3 - three.len()));
            text.push(char::from(DIGITS[value >> 6]));
            text.push(char::from(DIGITS[value & 63]));
        }
        text
    }

    /// Reads what [`Signature::written`] gave.
    ///
    /// # Errors
    ///
    /// If it is something else.
    pub fn parse(text: &str) -> Result<Self, NotASignature> {
        let letters = text.trim().strip_prefix(PREFIX).ok_or(NotASignature)?;
        let mut greys = Vec::with_capacity(PIXELS + 4);
        for pair in letters.as_bytes().chunks(2) {
            let mut value = 0;
            for letter in pair {
                let digit = DIGITS.iter().position(|known| known == letter);
                value = value * 64 + digit.ok_or(NotASignature)?;
            }
            greys.extend([(value >> 8) & 15, (value >> 4) & 15, value & 15]);
        }
        // The last letters hold two greys and nothing.
        if greys.len() != (PIXELS + 2).div_ceil(3) * 3 {
            return Err(NotASignature);
        }
        #[expect(
            clippy::cast_precision_loss,
            reason = "sixteen greys are exact in any number"
        )]
        let pixels = greys[..PIXELS].iter().map(|grey| *grey as f32).collect();
        let code = greys[PIXELS] * 16 + greys[PIXELS + 1];
        Ok(Self {
            pixels,
            shape: shape_of(u8::try_from(code).map_err(|_| NotASignature)?),
        })
    }

    /// The same picture turned and mirrored: 0 is as it is, from 4 on its rows are columns.
    fn turned(&self, way: usize) -> Self {
        let mut pixels = vec![0.0; PIXELS];
        for y in 0..SIDE {
            for x in 0..SIDE {
                let (mut from_x, mut from_y) = if way & 4 == 0 { (x, y) } else { (y, x) };
                if way & 1 != 0 {
                    from_x = SIDE - 1 - from_x;
                }
                if way & 2 != 0 {
                    from_y = SIDE - 1 - from_y;
                }
                pixels[y * SIDE + x] = self.pixels[from_y * SIDE + from_x];
            }
        }
        let shape = if way & 4 == 0 {
            self.shape
        } else {
            1.0 / self.shape
        };
        Self { pixels, shape }
    }
}

fn quantised(grey: f32) -> f32 {
    (grey.clamp(0.0, 255.0) / 17.0).round()
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a grey is between 0 and 15"
)]
fn nibble(grey: f32) -> u8 {
    grey as u8 & 15
}

/// Shapes from 1:16 to 16:1 in 255 steps of equal ratio.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "clamped to a byte"
)]
fn shape_code(shape: f32) -> u8 {
    (shape.log2() * 31.75 + 128.0).clamp(1.0, 255.0) as u8
}

fn shape_of(code: u8) -> f32 {
    ((f32::from(code) - 127.5) / 31.75).exp2()
}

#[expect(clippy::cast_precision_loss, reason = "edges of pictures are short")]
fn ratio(wide: usize, high: usize) -> f32 {
    wide as f32 / high.max(1) as f32
}

fn mean(values: &[f32]) -> f32 {
    #[expect(clippy::cast_precision_loss, reason = "counts of pixels are small")]
    let count = values.len() as f32;
    values.iter().sum::<f32>() / count
}

fn deviation(values: &[f32]) -> f32 {
    let middle = mean(values);
    let squares: Vec<f32> = values.iter().map(|v| (v - middle) * (v - middle)).collect();
    mean(&squares).sqrt()
}

/// Part of a picture.
struct Frame {
    left: usize,
    top: usize,
    right: usize,
    bottom: usize,
}

/// The picture without its uniform borders, also one inside another: those that run all around it,
/// or with `apart` each edge by itself, as where a drawing runs into a corner.
fn trimmed(grey: &[f32], width: usize, height: usize, apart: bool) -> Frame {
    let mut frame = Frame {
        left: 0,
        top: 0,
        right: width,
        bottom: height,
    };
    for _ in 0..4 {
        let at = |x: usize, y: usize| grey[y * width + x];
        let corners = [
            at(frame.left, frame.top),
            at(frame.right - 1, frame.top),
            at(frame.left, frame.bottom - 1),
            at(frame.right - 1, frame.bottom - 1),
        ];
        let around = mean(&corners);
        if !apart && corners.iter().any(|corner| (corner - around).abs() > 16.0) {
            break;
        }
        // Recompression leaves specks near an edge.
        let is_border = |pixels: &mut dyn Iterator<Item = f32>, base: f32| {
            let (mut off, mut all) = (0_usize, 0_usize);
            for pixel in pixels {
                all += 1;
                off += usize::from((pixel - base).abs() > 24.0);
            }
            off * 100 <= all
        };
        let before = (frame.left, frame.top, frame.right, frame.bottom);
        let base = |pixel: f32| if apart { pixel } else { around };
        let ink = base(at(frame.left, frame.top));
        let row = |y: usize, frame: &Frame, ink: f32| {
            is_border(&mut (frame.left..frame.right).map(|x| at(x, y)), ink)
        };
        while frame.top + 2 < frame.bottom && row(frame.top, &frame, ink) {
            frame.top += 1;
        }
        let ink = base(at(frame.left, frame.bottom - 1));
        while frame.top + 2 < frame.bottom && row(frame.bottom - 1, &frame, ink) {
            frame.bottom -= 1;
        }
        let column = |x: usize, frame: &Frame, ink: f32| {
            is_border(&mut (frame.top..frame.bottom).map(|y| at(x, y)), ink)
        };
        let ink = base(at(frame.left, frame.top));
        while frame.left + 2 < frame.right && column(frame.left, &frame, ink) {
            frame.left += 1;
        }
        let ink = base(at(frame.right - 1, frame.top));
        while frame.left + 2 < frame.right && column(frame.right - 1, &frame, ink) {
            frame.right -= 1;
        }
        // Where a border meets the picture, resizing leaves a line that is half of each.
        if frame.bottom - frame.top > 8 {
            frame.top += usize::from(frame.top > before.1);
            frame.bottom -= usize::from(frame.bottom < before.3);
        }
        if frame.right - frame.left > 8 {
            frame.left += usize::from(frame.left > before.0);
            frame.right -= usize::from(frame.right < before.2);
        }
        if before == (frame.left, frame.top, frame.right, frame.bottom) {
            break;
        }
    }
    frame
}

/// For each of the places along an edge, the pixels it covers and how much of each.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "places along an edge are small and not negative"
)]
fn shares(from: usize, to: usize) -> Vec<Vec<(usize, f32)>> {
    let step = (to - from) as f32 / SIDE as f32;
    (0..SIDE)
        .map(|place| {
            let start = from as f32 + place as f32 * step;
            let end = start + step;
            let last = (end.ceil() as usize).clamp(from + 1, to);
            (start.floor() as usize..last)
                .map(|pixel| {
                    let share = end.min(pixel as f32 + 1.0) - start.max(pixel as f32);
                    (pixel, share.max(0.0))
                })
                .collect()
        })
        .collect()
}

/// A frame of the picture as a square, each pixel the mean of what it covers.
fn squeezed(grey: &[f32], width: usize, frame: &Frame) -> Vec<f32> {
    let columns = shares(frame.left, frame.right);
    let rows = shares(frame.top, frame.bottom);
    let mut square = Vec::with_capacity(PIXELS);
    for row in &rows {
        for column in &columns {
            let (mut sum, mut weight) = (0.0, 0.0);
            for (y, high) in row {
                for (x, wide) in column {
                    sum += grey[y * width + x] * high * wide;
                    weight += high * wide;
                }
            }
            square.push(if weight > 0.0 { sum / weight } else { 0.0 });
        }
    }
    square
}

/// The square without a share of each edge, in the order left, top, right, bottom; a negative share
/// adds to it what the edge shows.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "places in a square are small, and clamped to it"
)]
fn cut(pixels: &[f32], shares: [f32; 4]) -> Vec<f32> {
    let side = SIDE as f32;
    let place = |number: usize, from: f32, to: f32| {
        let at = (from + (number as f32 + 0.5) / side * (1.0 - from - to)) * side - 0.5;
        let at = at.clamp(0.0, side - 1.0);
        let low = (at.floor() as usize).min(SIDE - 2);
        (low, at - low as f32)
    };
    let columns: Vec<_> = (0..SIDE).map(|x| place(x, shares[0], shares[2])).collect();
    let mut made = Vec::with_capacity(PIXELS);
    for y in 0..SIDE {
        let (top, down) = place(y, shares[1], shares[3]);
        for (left, along) in &columns {
            let at = top * SIDE + left;
            let upper = pixels[at] * (1.0 - along) + pixels[at + 1] * along;
            let lower = pixels[at + SIDE] * (1.0 - along) + pixels[at + SIDE + 1] * along;
            made.push(upper * (1.0 - down) + lower * down);
        }
    }
    made
}

/// How alike two squares are: 1 the same but for brightness and contrast, 0 not at all.
fn alike(a: &[f32], b: &[f32]) -> f32 {
    let (mean_a, mean_b) = (mean(a), mean(b));
    let (mut product, mut square_a, mut square_b) = (0.0, 0.0, 0.0);
    for (a, b) in a.iter().zip(b) {
        let (a, b) = (a - mean_a, b - mean_b);
        product += a * b;
        square_a += a * a;
        square_b += b * b;
    }
    product / (square_a * square_b).sqrt().max(1e-6)
}

/// What differs from its surroundings: lines and edges, without what is only light or dark.
fn lines(pixels: &[f32]) -> Vec<f32> {
    let reach = 3;
    let mut made = Vec::with_capacity(PIXELS);
    for y in 0..SIDE {
        for x in 0..SIDE {
            let (mut sum, mut count) = (0.0, 0.0);
            for other_y in y.saturating_sub(reach)..(y + reach + 1).min(SIDE) {
                for other_x in x.saturating_sub(reach)..(x + reach + 1).min(SIDE) {
                    sum += pixels[other_y * SIDE + other_x];
                    count += 1.0;
                }
            }
            made.push(pixels[y * SIDE + x] - sum / count);
        }
    }
    made
}

/// The waves a square is compared with, as `wave * SIDE + place`.
#[expect(clippy::cast_precision_loss, reason = "waves and places are few")]
fn waves() -> Vec<f32> {
    let mut table = Vec::with_capacity(WAVES * SIDE);
    for wave in 0..WAVES {
        for place in 0..SIDE {
            table.push((PI * wave as f32 * (2.0 * place as f32 + 1.0) / (2 * SIDE) as f32).cos());
        }
    }
    table
}

/// The frequencies of a square in the order in which they are hashed, lowest first, without the one
/// that is its mean.
fn frequencies(pixels: &[f32], waves: &[f32], order: &[(usize, usize)]) -> Vec<f32> {
    let mut rows = vec![0.0; SIDE * WAVES];
    for y in 0..SIDE {
        let row = &pixels[y * SIDE..(y + 1) * SIDE];
        for wave in 0..WAVES {
            let table = &waves[wave * SIDE..(wave + 1) * SIDE];
            rows[wave * SIDE + y] = row.iter().zip(table).map(|(p, w)| p * w).sum();
        }
    }
    let mut found = Vec::with_capacity(WAVES * WAVES);
    for (u, v) in order {
        let column = &rows[u * SIDE..(u + 1) * SIDE];
        let table = &waves[v * SIDE..(v + 1) * SIDE];
        found.push(column.iter().zip(table).map(|(p, w)| p * w).sum());
    }
    found
}

/// Pairs of waves, across and down, from the longest on.
fn order() -> Vec<(usize, usize)> {
    let mut all: Vec<(usize, usize)> = (0..WAVES)
        .flat_map(|u| (0..WAVES).map(move |v| (u, v)))
        .collect();
    all.sort_by_key(|(u, v)| (u.max(v).to_owned(), u + v, *u));
    all.rotate_left(1);
    all
}

/// Signs of frequencies.
type Signs = [u64; 4];

/// The signs of a square's frequencies when it is turned and mirrored, as [`Signature::turned`] does:
/// a mirror changes the sign of every odd wave, and turning makes waves across waves down.
fn signs(found: &[f32], order: &[(usize, usize)], way: usize) -> Signs {
    let mut strengths = [0.0; WAVES * WAVES];
    for ((u, v), strength) in order.iter().zip(found) {
        strengths[v * WAVES + u] = *strength;
    }
    let mut signs = [0; 4];
    for (number, (u, v)) in order.iter().enumerate() {
        let (across, down) = if way & 4 == 0 { (*u, *v) } else { (*v, *u) };
        let is_flipped = (way & 1 != 0 && across % 2 == 1) ^ (way & 2 != 0 && down % 2 == 1);
        let strength = strengths[down * WAVES + across];
        let is_positive = if is_flipped {
            strength < 0.0
        } else {
            strength > 0.0
        };
        signs[number / 64] |= u64::from(is_positive) << (number % 64);
    }
    signs
}

/// A mark as it may have been cut: its signs, and which of them count.
#[derive(Clone, Copy, Debug)]
struct Row {
    signs: Signs,
    strong: Signs,
    /// The signature it was made of.
    number: u32,
    /// Which of [`CUTS`] was made.
    cut: usize,
}

/// A bit for each of the `count` strongest frequencies among the first `of`.
fn strongest(found: &[f32], count: usize, of: usize) -> Signs {
    let mut numbers: Vec<usize> = (0..of).collect();
    numbers.sort_by(|a, b| found[*b].abs().total_cmp(&found[*a].abs()).then(a.cmp(b)));
    let mut mask = [0_u64; 4];
    for number in &numbers[..count] {
        mask[number / 64] |= 1 << (number % 64);
    }
    mask
}

impl Row {
    /// How many of the bits that count here differ in `other`.
    fn distance(&self, other: &Signs) -> u32 {
        (0..4)
            .map(|word| ((self.signs[word] ^ other[word]) & self.strong[word]).count_ones())
            .sum()
    }
}

/// Signatures to compare pictures with.
#[derive(Debug, Default)]
pub struct Index {
    /// By shape, in steps of [`STEPS`] to a doubling of width through height.
    shelves: BTreeMap<i32, Shelf>,
    signatures: Vec<(Signature, usize)>,
    waves: Vec<f32>,
    order: Vec<(usize, usize)>,
}

/// Marks of about one shape.
#[derive(Debug, Default)]
struct Shelf {
    /// A row for each way in which each signature may have been cut.
    rows: Vec<Row>,
    /// Of each row the lowest 64 signs, and the stronger half of them. They stand apart from the
    /// rest, so that thousands are compared in a few microseconds.
    low_signs: Vec<u64>,
    low_strong: Vec<u64>,
}

/// So many shelves to a doubling of width through height.
const STEPS: f32 = 4.0;

/// The shelf of a shape.
#[expect(
    clippy::cast_possible_truncation,
    reason = "shapes are between 1:16 and 16:1"
)]
fn shelf(shape: f32) -> i32 {
    (shape.log2() * STEPS).floor() as i32
}

/// A row that is near a picture: its distance and number, which way the picture is turned, and how
/// the row was cut.
type Near = (u32, u32, usize, usize);

impl Shelf {
    /// Adds to `near` the rows that are near a picture turned in one of `ways`, with their distance.
    fn near(&self, ways: &[(usize, Signs)], near: &mut Vec<Near>) {
        let mut differ = [0_u64; 256];
        for from in (0..self.rows.len()).step_by(differ.len()) {
            let to = self.rows.len().min(from + differ.len());
            for (way, signs) in ways {
                let low = self.low_signs[from..to].iter();
                let low = low.zip(&self.low_strong[from..to]);
                for (bits, (known, strong)) in differ.iter_mut().zip(low) {
                    *bits = u64::from(((known ^ signs[0]) & strong).count_ones());
                }
                for (bits, row) in differ.iter().zip(&self.rows[from..to]) {
                    if *bits <= COARSE {
                        let distance = row.distance(signs);
                        if distance <= FINE {
                            near.push((distance, row.number, *way, row.cut));
                        }
                    }
                }
            }
        }
    }
}

/// A signature that a picture looks like.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Likeness {
    /// What the signature was added for.
    pub of: usize,
    /// How many of [`BITS`] bits differ.
    pub distance: u32,
}

/// So many of the nearest get a second look.
const LOOKS: usize = 24;

impl Index {
    /// Adds what `of` looks like.
    pub fn add(&mut self, signature: Signature, of: usize) {
        if self.waves.is_empty() {
            self.waves = waves();
            self.order = order();
        }
        let number = u32::try_from(self.signatures.len()).unwrap_or(u32::MAX);
        let marks = self.shelves.entry(shelf(signature.shape)).or_default();
        for (which, share) in CUTS.into_iter().enumerate() {
            let pixels = cut(&signature.pixels, [share; 4]);
            let found = frequencies(&pixels, &self.waves, &self.order);
            let signs = signs(&found, &self.order, 0);
            marks.rows.push(Row {
                signs,
                strong: strongest(&found, BITS as usize, WAVES * WAVES),
                number,
                cut: which,
            });
            marks.low_signs.push(signs[0]);
            marks.low_strong.push(strongest(&found, 32, 64)[0]);
        }
        self.signatures.push((signature, of));
    }

    /// What a picture looks like, nearest first, each once.
    pub fn find(&self, picture: &Signature) -> Vec<Likeness> {
        if self.signatures.is_empty() {
            return Vec::new();
        }
        let found = frequencies(&picture.pixels, &self.waves, &self.order);
        let ways: Vec<(usize, Signs)> = (0..8)
            .map(|way| (way, signs(&found, &self.order, way)))
            .collect();
        let mut near: Vec<Near> = Vec::new();
        // The last four ways turn wide pictures into high ones.
        for (ways, shape) in [
            (&ways[..4], picture.shape),
            (&ways[4..], 1.0 / picture.shape),
        ] {
            for (_, shelf) in self
                .shelves
                .range(shelf(shape / SHAPE)..=shelf(shape * SHAPE))
            {
                shelf.near(ways, &mut near);
            }
        }
        near.sort_unstable();
        let mut looked: Vec<(u32, usize)> = Vec::new();
        let mut found: Vec<Likeness> = Vec::new();
        for (distance, number, way, cut) in near {
            let (signature, of) = &self.signatures[number as usize];
            if looked.contains(&(number, way)) || found.iter().any(|known| known.of == *of) {
                continue;
            }
            looked.push((number, way));
            if is_same(signature, &picture.turned(way), CUTS[cut]) {
                found.push(Likeness { of: *of, distance });
            }
            if looked.len() == LOOKS {
                break;
            }
        }
        found
    }
}

/// The second look: whether some cut of the mark, most likely of the `first` share, is the picture.
fn is_same(mark: &Signature, picture: &Signature, first: f32) -> bool {
    let stretch = mark.shape / picture.shape;
    if !(1.0 / SHAPE..=SHAPE).contains(&stretch) {
        return false;
    }
    let mut cuts = [first; 4];
    let mut best = alike(&cut(&mark.pixels, cuts), &picture.pixels);
    if best < PROMISING {
        return false;
    }
    for share in STARTS {
        let likeness = alike(&cut(&mark.pixels, [share; 4]), &picture.pixels);
        if likeness > best {
            best = likeness;
            cuts = [share; 4];
        }
    }
    for step in [0.03, 0.015, 0.0075] {
        for _ in 0..3 {
            let before = best;
            for edge in 0..4 {
                for move_by in [step, -step] {
                    let mut moved = cuts;
                    moved[edge] = (moved[edge] + move_by).clamp(-0.06, 0.14);
                    let likeness = alike(&cut(&mark.pixels, moved), &picture.pixels);
                    if likeness > best {
                        best = likeness;
                        cuts = moved;
                    }
                }
            }
            if best - before < 1e-4 {
                break;
            }
        }
    }
    let laid = cut(&mark.pixels, cuts);
    best >= ALIKE && alike(&lines(&laid), &lines(&picture.pixels)) >= ALIKE_IN_LINES
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A drawing that no other number gives.
    fn drawing(seed: u32, width: usize, height: usize) -> Vec<f32> {
        let mut state = seed.wrapping_mul(0x9E37_79B9) | 1;
        let mut next = || {
            state ^= state << 13;
            state ^= state >> 17;
            state ^= state << 5;
            f32::from(u16::try_from(state >> 16).unwrap()) / 65536.0
        };
        let blobs: Vec<[f32; 4]> = (0..8)
            .map(|_| [next(), next(), next() * 0.2 + 0.05, next() * 220.0])
            .collect();
        let mut grey = vec![255.0; width * height];
        for (at, pixel) in grey.iter_mut().enumerate() {
            let (x, y) = (ratio(at % width, width), ratio(at / width, height));
            for [cx, cy, r, ink] in &blobs {
                if (x - cx).abs().max((y - cy).abs() * 0.7) < *r {
                    *pixel = *ink;
                }
            }
        }
        grey
    }

    fn one(grey: &[f32], width: usize) -> Signature {
        Signature::of(grey, width).remove(0)
    }

    #[test]
    fn what_is_written_reads_back() {
        for shape in [(64, 64), (200, 50), (30, 400)] {
            let signature = one(&drawing(7, shape.0, shape.1), shape.0);
            let read = Signature::parse(&signature.written()).unwrap();
            assert_eq!(read.pixels, signature.pixels);
            assert!(
                (read.shape / signature.shape - 1.0).abs() < 0.03,
                "{shape:?}"
            );
        }
        for text in ["", "cp1-", "cp1-AA", "cp2-AAAA", "cp1-é"] {
            assert_eq!(Signature::parse(text), Err(NotASignature), "{text}");
        }
    }

    #[test]
    fn turned_bordered_and_smaller_it_is_the_same_picture() {
        let mut index = Index::default();
        for seed in 1..60 {
            index.add(one(&drawing(seed, 96, 96), 96), seed as usize);
        }
        let picture = one(&drawing(17, 48, 48), 48);
        for way in 0..8 {
            let found = index.find(&picture.turned(way));
            assert_eq!(found.first().map(|found| found.of), Some(17), "{way}");
        }
        let mut bordered = vec![40.0; 116 * 116];
        for (y, row) in drawing(17, 96, 96).chunks(96).enumerate() {
            bordered[(y + 10) * 116 + 10..][..96].copy_from_slice(row);
        }
        let found = index.find(&one(&bordered, 116));
        assert_eq!(found.first().map(|found| found.of), Some(17));
        let other = one(&drawing(1_000, 96, 96), 96);
        assert_eq!(index.find(&other), []);
    }

    #[test]
    fn an_empty_picture_has_no_signature() {
        assert_eq!(Signature::of(&[255.0; 400], 20), []);
        assert_eq!(Signature::of(&[], 0), []);
        assert_eq!(Signature::of(&[], 5), []);
    }
}
