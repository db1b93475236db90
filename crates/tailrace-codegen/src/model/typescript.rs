//! TypeScript types stay text; this finds where they can be taken apart.

/// The parts of `text` between those `separator`s that stand in no bracket and no string.
pub fn split(text: &str, separator: char) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut start = 0;
    let mut depth = 0_usize;
    let mut is_string = false;
    let mut before = ' ';
    for (position, c) in text.char_indices() {
        match c {
            '\'' => is_string = !is_string,
            _ if is_string => {}
            '<' | '(' | '[' | '{' => depth += 1,
            // The arrow of a function type closes nothing.
            '>' if before == '=' => {}
            '>' | ')' | ']' | '}' => depth = depth.saturating_sub(1),
            _ if c == separator && depth == 0 => {
                parts.push(text.get(start..position).unwrap_or_default().trim());
                start = position + c.len_utf8();
            }
            _ => {}
        }
        before = c;
    }
    parts.push(text.get(start..).unwrap_or_default().trim());
    parts.retain(|part| !part.is_empty());
    parts
}

#[cfg(test)]
mod tests {
    use super::split;

    #[test]
    fn unions_are_split_outside_brackets_and_strings() {
        assert_eq!(
            split("'a|b' | Array<C | D> | ((e: F) => G | H) | null", '|'),
            ["'a|b'", "Array<C | D>", "((e: F) => G | H)", "null"]
        );
    }
}
