//! Tables of functions that a newer system makes longer. An older one's table ends before the members that we were
//! compiled with: what lies beyond its size is not ours to read.

/// How far a table of the device reaches.
#[derive(Clone, Copy, Debug)]
pub struct Members {
    size: usize,
}

impl Members {
    /// Of a table that says that it has `size` bytes.
    #[must_use]
    pub fn within(size: usize) -> Self {
        Self { size }
    }

    /// Whether all of the member at `offset`, which is `width` bytes long, is in the table.
    #[must_use]
    pub fn reach(self, offset: usize, width: usize) -> bool {
        offset.checked_add(width).is_some_and(|end| end <= self.size)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_member_is_there_when_all_of_it_is() {
        let table = Members::within(88);
        for (offset, width, is_there) in [
            (0, 8, true),
            (80, 8, true),
            (81, 8, false),
            (88, 8, false),
            (88, 0, true),
            (usize::MAX, 8, false),
            (8, usize::MAX, false),
        ] {
            assert_eq!(table.reach(offset, width), is_there, "{offset} {width}");
        }
        assert!(!Members::within(0).reach(0, 8));
    }
}
