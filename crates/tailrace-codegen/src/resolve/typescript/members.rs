//! Which members a type has.

use std::collections::{BTreeMap, BTreeSet};

use crate::load::{TypeScriptDeclaration, TypeScriptModule};
use crate::model::typescript::split;

/// Names of the members of `text`, a type as `module` sees it; those of types outside of the resources are unknown.
pub(super) fn members(
    modules: &BTreeMap<String, TypeScriptModule>,
    module: &str,
    text: &str,
) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    Search { modules }.collect(module, &[], text, &mut found, 0);
    found
}

/// Types nest a few levels deep; what is deeper refers to itself.
const DEEPEST: usize = 12;

struct Search<'a> {
    modules: &'a BTreeMap<String, TypeScriptModule>,
}

impl Search<'_> {
    fn collect(
        &self,
        module: &str,
        scope: &[&str],
        text: &str,
        found: &mut BTreeSet<String>,
        depth: usize,
    ) {
        if depth > DEEPEST {
            return;
        }
        for variant in split(text, '|')
            .into_iter()
            .flat_map(|part| split(part, '&'))
        {
            let inner = variant
                .strip_prefix('(')
                .and_then(|rest| rest.strip_suffix(')'));
            if let Some(inner) = inner {
                self.collect(module, scope, inner, found, depth + 1);
            } else if let Some(literal) = variant
                .strip_prefix("{ ")
                .and_then(|rest| rest.strip_suffix(" }"))
            {
                let names = split(literal, ';').into_iter().filter_map(|member| {
                    member
                        .split_once(':')
                        .map(|(name, _)| name.trim_end_matches('?'))
                });
                found.extend(names.map(unquoted));
            } else if let Some((name, arguments)) = variant.split_once('<') {
                // `Omit<T, K>`, `QueryOnly<T>` and the like have members of their first argument.
                let first = split(arguments.trim_end_matches('>'), ',');
                if let Some(first) = first.first() {
                    self.collect(module, scope, first, found, depth + 1);
                }
                self.name(module, scope, name, found, depth);
            } else {
                self.name(module, scope, variant, found, depth);
            }
        }
    }

    fn name(
        &self,
        module: &str,
        scope: &[&str],
        name: &str,
        found: &mut BTreeSet<String>,
        depth: usize,
    ) {
        let Some(facts) = self.modules.get(module) else {
            return;
        };
        let parts: Vec<&str> = name.split('.').collect();
        // A name is looked up in the namespace that it stands in, then in those around it.
        for length in (0..=scope.len()).rev() {
            let outer = scope.get(..length).unwrap_or_default();
            let full: Vec<&str> = outer.iter().chain(&parts).copied().collect();
            if self.declared(facts, &full, found, depth) {
                return;
            }
        }
        let Some((first, rest)) = parts.split_first() else {
            return;
        };
        let Some((from, imported)) = facts
            .imports
            .get(*first)
            .and_then(|target| target.split_once('#'))
        else {
            return;
        };
        let text = if imported == "*" {
            rest.join(".")
        } else {
            [&[imported], rest].concat().join(".")
        };
        self.collect(from, &[], &text, found, depth + 1);
    }

    fn declared(
        &self,
        facts: &TypeScriptModule,
        path: &[&str],
        found: &mut BTreeSet<String>,
        depth: usize,
    ) -> bool {
        let Some((last, namespaces)) = path.split_last() else {
            return false;
        };
        let mut current: Vec<&TypeScriptDeclaration> = facts.declarations.iter().collect();
        for namespace in namespaces {
            current = current
                .into_iter()
                .filter_map(|declaration| match declaration {
                    TypeScriptDeclaration::Namespace {
                        name, declarations, ..
                    } if name == namespace => Some(declarations),
                    _ => None,
                })
                .flatten()
                .collect();
        }
        let mut is_found = false;
        for declaration in current {
            match declaration {
                TypeScriptDeclaration::Interface {
                    name,
                    extends,
                    members,
                    ..
                } if name == last => {
                    is_found = true;
                    found.extend(members.iter().map(|member| unquoted(&member.name)));
                    for parent in extends {
                        self.collect(&facts.module, namespaces, parent, found, depth + 1);
                    }
                }
                TypeScriptDeclaration::Alias { name, value, .. } if name == last => {
                    is_found = true;
                    self.collect(&facts.module, namespaces, value, found, depth + 1);
                }
                _ => {}
            }
        }
        is_found
    }
}

/// The class that `text` names, as a page: itself, or what it is an alias of; with `module#Name` where it is defined.
pub(super) fn page_class(
    modules: &BTreeMap<String, TypeScriptModule>,
    module: &str,
    text: &str,
) -> Option<(String, String)> {
    let facts = modules.get(module)?;
    for declaration in &facts.declarations {
        match declaration {
            TypeScriptDeclaration::Alias { name, value, .. } if name == text => {
                let class = value.split('<').next()?;
                return Some((class.to_owned(), facts.imports.get(class)?.clone()));
            }
            TypeScriptDeclaration::Class(class) if class.name == text => {
                return Some((text.to_owned(), format!("{module}#{text}")));
            }
            _ => {}
        }
    }
    let (first, rest) = text.split_once('.').unwrap_or((text, ""));
    let (from, name) = facts.imports.get(first)?.split_once('#')?;
    page_class(modules, from, if name == "*" { rest } else { name })
}

fn unquoted(name: &str) -> String {
    name.trim_matches('\'').to_owned()
}
