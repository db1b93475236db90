//! Breaks long lines the way `ruff format` does.

use super::WIDTH;
use crate::model::Expr;

/// `prefix expr suffix` at `indent` columns; subscripts are opened, from the outside inwards, until every line fits.
pub(super) fn line(
    indent: usize,
    prefix: &str,
    expr: &Expr,
    suffix: &str,
    name: &dyn Fn(&str) -> String,
) -> String {
    let flat = format!("{}{prefix}{}{suffix}", " ".repeat(indent), expr.flat(name));
    if flat.trim_end().chars().count() <= WIDTH {
        return flat;
    }
    match expr {
        Expr::Index(base, items) => {
            let mut text = format!("{}{prefix}{}[\n", " ".repeat(indent), name(base));
            // A comma after a single member would make it a tuple of one.
            let comma = if items.len() > 1 { "," } else { "" };
            for item in items {
                text += &line(indent + 4, "", item, comma, name);
                text.push('\n');
            }
            text + &" ".repeat(indent) + "]" + suffix
        }
        Expr::Or(items) => match items.split_first() {
            Some((first, rest)) if !rest.is_empty() => {
                let rest = Expr::Or(rest.to_vec()).flat(name);
                line(indent, prefix, first, &format!(" | {rest}{suffix}"), name)
            }
            _ => flat,
        },
        _ => flat,
    }
}

/// `head [items] tail`: in one line when it fits, else one item a line with a comma behind each.
pub(super) fn list(indent: usize, head: &str, items: &[String], tail: &str) -> String {
    let space = " ".repeat(indent);
    let flat = format!("{space}{head}{}{tail}", items.join(", "));
    if flat.chars().count() <= WIDTH {
        return flat;
    }
    let mut text = format!("{space}{head}\n");
    for item in items {
        text += &format!("{space}    {item},\n");
    }
    text + &space + tail
}

#[cfg(test)]
mod tests {
    use super::line;
    use crate::model::Expr;

    #[test]
    fn long_lines_open_subscripts_from_the_outside() {
        let long = "a".repeat(100);
        let text = format!("Optional[Union[{long}, B]]");
        let expr = Expr::parse(&text).expect("an expression");
        let laid_out = line(4, "field: ", &expr, " = None", &|name| name.to_owned());
        let expected = format!("    field: Optional[\n        Union[{long}, B]\n    ] = None");
        assert_eq!(laid_out, expected);
    }
}
