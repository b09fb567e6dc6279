//! Which lines a change touched, from what `git diff --unified=0` prints.
//!
//! A line that was taken away may have held what kept a rule silent (a waiver, a “not”, a label), so
//! its neighbours count as touched. Lines end where git ends them, at a line feed.

use std::ops::RangeInclusive;

/// The lines of one file that a change touched, from 1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Touched {
    /// All of them: a new file, or one whose lines nobody can tell apart.
    All,
    /// These, in order.
    Lines(Vec<RangeInclusive<usize>>),
}

impl Touched {
    /// Whether any of these lines was touched.
    pub fn meets(&self, lines: &RangeInclusive<usize>) -> bool {
        match self {
            Self::All => true,
            Self::Lines(ranges) => ranges
                .iter()
                .any(|range| range.start() <= lines.end() && lines.start() <= range.end()),
        }
    }

    /// Whether any line was touched at all.
    pub fn is_any(&self) -> bool {
        *self != Self::Lines(Vec::new())
    }
}

/// What a patch says of each file that it names, in its order. `None`: no lines, as of a picture.
pub fn sections(patch: &[u8]) -> Vec<Option<Vec<RangeInclusive<usize>>>> {
    let mut sections: Vec<Option<Vec<RangeInclusive<usize>>>> = Vec::new();
    // Lines of the hunk at hand that are still to come: what they say is not for us.
    let mut inside = 0;
    for line in patch.split(|byte| *byte == b'\n') {
        if inside > 0 {
            if !line.starts_with(b"\\") {
                inside -= 1;
            }
        } else if line.starts_with(b"diff --git ") {
            sections.push(None);
        } else if let Some((old, new)) = hunk(line)
            && let Some(section) = sections.last_mut()
        {
            let ranges = section.get_or_insert_default();
            let (start, count) = new;
            ranges.push(if count == 0 {
                start.max(1)..=start + 1
            } else {
                // What was replaced may have been more than what stands there now.
                let behind = usize::from(old.1 > count);
                start..=start + count - 1 + behind
            });
            inside = old.1 + count;
        }
    }
    sections
}

/// The old and new place of a hunk, each as its first line and how many there are.
fn hunk(line: &[u8]) -> Option<((usize, usize), (usize, usize))> {
    let line = std::str::from_utf8(
        line.strip_prefix(b"@@ -")?
            .split(|byte| *byte == b'@')
            .next()?,
    );
    let (old, new) = line.ok()?.trim_end().split_once(" +")?;
    let place = |text: &str| -> Option<(usize, usize)> {
        let (start, count) = text.split_once(',').unwrap_or((text, "1"));
        Some((start.parse().ok()?, count.parse().ok()?))
    };
    Some((place(old)?, place(new)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_patch_says_which_lines_of_each_file_were_touched() {
        let patch = b"diff --git a/a.md b/a.md\nindex 1..2 100644\n--- a/a.md\n+++ b/a.md\n\
            @@ -3 +3 @@ # x\n-old\n+new\n@@ -9,2 +8,0 @@\n-diff --git a/x b/x\n-@@ -1 +1 @@\n\
            @@ -20,0 +19,3 @@\n+a\n+b\n+c\n\\ No newline at end of file\n\
            diff --git a/logo.png b/logo.png\nBinary files a/logo.png and b/logo.png differ\n\
            diff --git a/new.md b/new.md\nnew file mode 100644\n--- /dev/null\n+++ b/new.md\n@@ -0,0 +1,2 @@\n+x\n+y\n";
        let expected = vec![Some(vec![3..=3, 8..=9, 19..=21]), None, Some(vec![1..=2])];
        assert_eq!(sections(patch), expected);
    }

    #[test]
    fn lines_meet_where_they_overlap() {
        let touched = Touched::Lines(vec![3..=3, 8..=9]);
        for (lines, meets) in [
            (1..=2, false),
            (2..=3, true),
            (4..=7, false),
            (9..=12, true),
        ] {
            assert_eq!(touched.meets(&lines), meets, "{lines:?}");
        }
        assert!(Touched::All.meets(&(7..=7)) && Touched::All.is_any());
        assert!(!Touched::Lines(Vec::new()).is_any());
    }
}
