//! Breaks long types: unions at `|`, then type arguments, then object literals.

use super::WIDTH;

/// `prefix type suffix` at `indent` columns.
pub(super) fn line(indent: usize, prefix: &str, text: &str, suffix: &str) -> String {
    let space = " ".repeat(indent);
    let flat = format!("{space}{prefix}{text}{suffix}");
    if flat.trim_end().chars().count() <= WIDTH {
        return flat;
    }
    let variants = split(text, '|');
    if variants.len() > 1 {
        let lines: Vec<_> = variants
            .iter()
            .map(|variant| line(indent + 2, "| ", variant, ""))
            .collect();
        let lines = lines.join("\n") + suffix;
        return if prefix.is_empty() {
            lines
        } else {
            format!("{space}{}\n{lines}", prefix.trim_end())
        };
    }
    if let Some((head, inner)) = text.strip_suffix('>').and_then(|rest| rest.split_once('<'))
        && split(inner, ',').len() == 1
    {
        return format!(
            "{space}{prefix}{head}<\n{}\n{space}>{suffix}",
            line(indent + 2, "", inner, "")
        );
    }
    if let Some(inner) = text
        .strip_prefix("{ ")
        .and_then(|rest| rest.strip_suffix(" }"))
    {
        let members: Vec<_> = split(inner, ';')
            .iter()
            .map(|member| format!("{space}  {member};"))
            .collect();
        return format!(
            "{space}{prefix}{{\n{}\n{space}}}{suffix}",
            members.join("\n")
        );
    }
    flat
}

/// The parts of `text` between those `separator`s that stand in no bracket and no string.
fn split(text: &str, separator: char) -> Vec<&str> {
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
    use super::{line, split};

    #[test]
    fn unions_are_split_outside_brackets_and_strings() {
        assert_eq!(
            split("'a|b' | Array<C | D> | ((e: F) => G | H) | null", '|'),
            ["'a|b'", "Array<C | D>", "((e: F) => G | H)", "null"]
        );
    }

    #[test]
    fn long_types_are_broken_from_the_outside() {
        let (a, b) = ("A".repeat(70), "B".repeat(70));
        assert_eq!(
            line(2, "x: ", &format!("{a} | {b}"), ";"),
            format!("  x:\n    | {a}\n    | {b};")
        );
        let array = line(0, "x: ", &format!("Array<{a} | {b}>"), ";");
        assert_eq!(array, format!("x: Array<\n    | {a}\n    | {b}\n>;"));
    }
}
