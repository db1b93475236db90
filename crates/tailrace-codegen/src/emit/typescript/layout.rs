//! Breaks long types: unions at `|`, intersections at `&`, then type arguments, then object literals.

use super::WIDTH;
use crate::model::typescript::split;

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
    let parts = split(text, '&');
    if let [first, between @ .., last] = parts.as_slice() {
        let mut text = line(indent, prefix, first, " &");
        for part in between {
            text += &format!("\n{}", line(indent, "", part, " &"));
        }
        return format!("{text}\n{}", line(indent, "", last, suffix));
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
            .map(|member| line(indent + 2, "", member, ";"))
            .collect();
        return format!(
            "{space}{prefix}{{\n{}\n{space}}}{suffix}",
            members.join("\n")
        );
    }
    flat
}

#[cfg(test)]
mod tests {
    use super::line;

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
