//! Phase 2, model: type expressions as trees.
//!
//! Facts hold Python annotations as text, because text is what a reader of a diff wants. The emitters need to know the
//! names in them and where a long line may break, so the text is parsed here.

pub mod typescript;

use std::fmt::Write as _;

use crate::error::{Error, Result};

/// A Python type expression.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Expr {
    /// A name, dotted when it is reached through a module.
    Name(String),
    /// A number, `True`, `False`, `None`, or a quoted string.
    Value(String),
    /// `base[arguments]`.
    Index(String, Vec<Expr>),
    /// `function(keyword=value)`.
    Call(String, Vec<(String, Expr)>),
    /// `[a, b]`, the parameters of a callable.
    List(Vec<Expr>),
    /// `a | b`.
    Or(Vec<Expr>),
}

impl Expr {
    /// Parses the text of an annotation.
    pub fn parse(text: &str) -> Result<Self> {
        let mut parser = Parser { rest: text };
        let expr = parser.either()?;
        if parser.rest.trim_start().is_empty() {
            Ok(expr)
        } else {
            Err(parser.error("one type expression"))
        }
    }

    /// The text in one line. `name` gives the spelling of each name.
    pub fn flat(&self, name: &dyn Fn(&str) -> String) -> String {
        let join = |items: &[Expr], with: &str| {
            items
                .iter()
                .map(|item| item.flat(name))
                .collect::<Vec<_>>()
                .join(with)
        };
        match self {
            Expr::Name(text) => name(text),
            Expr::Value(text) => text.clone(),
            Expr::Index(base, items) => format!("{}[{}]", name(base), join(items, ", ")),
            Expr::List(items) => format!("[{}]", join(items, ", ")),
            Expr::Or(items) => join(items, " | "),
            Expr::Call(function, items) => {
                let mut text = format!("{}(", name(function));
                for (position, (keyword, value)) in items.iter().enumerate() {
                    let comma = if position == 0 { "" } else { ", " };
                    let _ = write!(text, "{comma}{keyword}={}", value.flat(name));
                }
                text + ")"
            }
        }
    }

    /// Calls `visit` with every name, those inside forward references included.
    pub fn names(&self, visit: &mut dyn FnMut(&str)) {
        match self {
            Expr::Name(text) => visit(text),
            Expr::Value(text) => {
                if let Some(inner) = text
                    .strip_prefix('"')
                    .and_then(|rest| rest.strip_suffix('"'))
                    && let Ok(inner) = Expr::parse(inner)
                {
                    inner.names(visit);
                }
            }
            Expr::Index(base, items) => {
                visit(base);
                // Strings in a `Literal` are values and no forward references.
                if base != "Literal" {
                    items.iter().for_each(|item| item.names(visit));
                }
            }
            Expr::List(items) | Expr::Or(items) => items.iter().for_each(|item| item.names(visit)),
            Expr::Call(function, _) => visit(function),
        }
    }

    /// Calls `visit` with the keywords of every call.
    pub fn keywords(&self, visit: &mut dyn FnMut(&str)) {
        match self {
            Expr::Name(_) | Expr::Value(_) => {}
            Expr::Index(_, items) | Expr::List(items) | Expr::Or(items) => {
                items.iter().for_each(|item| item.keywords(visit));
            }
            Expr::Call(_, keywords) => keywords.iter().for_each(|(keyword, _)| visit(keyword)),
        }
    }

    /// The expression with `Any` in place of every part whose name is not known.
    #[must_use]
    pub fn with_any(&self, is_known: &dyn Fn(&str) -> bool) -> Expr {
        let all = |items: &[Expr]| items.iter().map(|item| item.with_any(is_known)).collect();
        match self {
            Expr::Name(name) if !is_known(name) => Expr::Name("Any".to_owned()),
            Expr::Index(base, _) if !is_known(base) => Expr::Name("Any".to_owned()),
            Expr::Index(base, items) if base != "Literal" => Expr::Index(base.clone(), all(items)),
            Expr::List(items) => Expr::List(all(items)),
            Expr::Or(items) => {
                let mut items: Vec<Expr> = all(items);
                items.dedup();
                Expr::Or(items)
            }
            other => other.clone(),
        }
    }
}

struct Parser<'a> {
    rest: &'a str,
}

impl Parser<'_> {
    fn either(&mut self) -> Result<Expr> {
        let mut items = vec![self.one()?];
        while self.take('|') {
            items.push(self.one()?);
        }
        Ok(if items.len() == 1 {
            items.swap_remove(0)
        } else {
            Expr::Or(items)
        })
    }

    fn one(&mut self) -> Result<Expr> {
        self.rest = self.rest.trim_start();
        match self.rest.chars().next() {
            Some(quote @ ('\'' | '"')) => self.string(quote),
            Some('[') => {
                self.take('[');
                Ok(Expr::List(self.items(']')?))
            }
            Some(first) if first.is_ascii_digit() || first == '-' => Ok(Expr::Value(self.word())),
            Some(first) if first.is_alphabetic() || first == '_' => {
                let word = self.word();
                if self.take('[') {
                    Ok(Expr::Index(word, self.items(']')?))
                } else if self.take('(') {
                    self.call(word)
                } else if matches!(word.as_str(), "None" | "True" | "False") {
                    Ok(Expr::Value(word))
                } else {
                    Ok(Expr::Name(word))
                }
            }
            _ => Err(self.error("a type")),
        }
    }

    fn items(&mut self, end: char) -> Result<Vec<Expr>> {
        let mut items = Vec::new();
        while !self.take(end) {
            items.push(self.either()?);
            if !self.take(',') && !self.rest.trim_start().starts_with(end) {
                return Err(self.error("`,`"));
            }
        }
        Ok(items)
    }

    fn call(&mut self, function: String) -> Result<Expr> {
        let mut items = Vec::new();
        while !self.take(')') {
            self.rest = self.rest.trim_start();
            let keyword = self.word();
            if !self.take('=') {
                return Err(self.error("`=`"));
            }
            items.push((keyword, self.one()?));
            self.take(',');
        }
        Ok(Expr::Call(function, items))
    }

    fn string(&mut self, quote: char) -> Result<Expr> {
        let inner = self.rest.get(1..).unwrap_or_default();
        let end = inner
            .find(quote)
            .ok_or_else(|| self.error("the end of a string"))?;
        let (text, rest) = inner.split_at(end);
        if text.contains(['\\', '"']) {
            return Err(self.error("a string without escapes"));
        }
        let expr = Expr::Value(format!("\"{text}\""));
        self.rest = rest.get(1..).unwrap_or_default();
        Ok(expr)
    }

    fn word(&mut self) -> String {
        let end = self
            .rest
            .find(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '.' | '-')))
            .unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at(end);
        self.rest = rest;
        word.to_owned()
    }

    fn take(&mut self, wanted: char) -> bool {
        match self.rest.trim_start().strip_prefix(wanted) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn error(&self, wanted: &str) -> Error {
        Error::new(
            "a type expression",
            format_args!("expected {wanted} before `{}`", self.rest),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::Expr;

    fn check(text: &str, flat: &str, names: &[&str]) {
        let expr = Expr::parse(text).expect(text);
        assert_eq!(expr.flat(&|name| name.to_owned()), flat);
        let mut found = Vec::new();
        expr.names(&mut |name| found.push(name.to_owned()));
        assert_eq!(found, names, "{text}");
    }

    #[test]
    fn expressions_are_parsed_and_written() {
        check("str", "str", &["str"]);
        check(
            "Optional[List[int]]",
            "Optional[List[int]]",
            &["Optional", "List", "int"],
        );
        check(
            "Literal['a', 1, True]",
            "Literal[\"a\", 1, True]",
            &["Literal"],
        );
        check("a.B | None | C", "a.B | None | C", &["a.B", "C"]);
        check("List['Later']", "List[\"Later\"]", &["List", "Later"]);
        check(
            "Annotated[Union[A, B], P(discriminator='type')]",
            "Annotated[Union[A, B], P(discriminator=\"type\")]",
            &["Annotated", "Union", "A", "B", "P"],
        );
        check(
            "Callable[[A], B]",
            "Callable[[A], B]",
            &["Callable", "A", "B"],
        );
    }

    #[test]
    fn broken_expressions_are_refused() {
        for text in ["", "List[", "'open", "a b", "Literal['a\\n']", "f(x)"] {
            assert!(Expr::parse(text).is_err(), "{text}");
        }
    }
}
