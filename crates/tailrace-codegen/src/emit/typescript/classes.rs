//! Classes that are no resources.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::imports::Imports;
use super::modules::{brackets, head};
use crate::error::{Error, Result};
use crate::load::{
    TypeScriptClass, TypeScriptClassMember, TypeScriptDeclaration, TypeScriptMember,
    TypeScriptModule,
};
use crate::resolve::Api;

/// A page that has more fields than what it extends.
pub(super) fn class(imports: &mut Imports<'_>, class: &TypeScriptClass) -> Result<String> {
    let name = &class.name;
    let keyword = if class.is_abstract { "abstract " } else { "" };
    let mut text = format!(
        "/** A page with more members than `{}`. */\nexport {keyword}class {name}{}",
        extended(class),
        brackets(&class.generics)
    );
    if let Some(parent) = &class.extends {
        imports.value(parent.split('<').next().unwrap_or(parent));
        let _ = write!(text, " extends {parent}");
    }
    text += " {\n";
    text += &page(class)?;
    Ok(text + "}\n")
}

pub(super) fn extended(class: &TypeScriptClass) -> &str {
    let parent = class.extends.as_deref().unwrap_or_default();
    parent.split('<').next().unwrap_or_default()
}

pub(super) fn list(parameters: &[TypeScriptMember]) -> String {
    let items: Vec<_> = parameters
        .iter()
        .map(|parameter| head(parameter) + &parameter.value)
        .collect();
    items.join(", ")
}

pub(super) fn modifiers(member: &TypeScriptClassMember) -> String {
    member
        .modifiers
        .iter()
        .map(|modifier| format!("{modifier} "))
        .collect()
}

/// Names of the members of the classes that a class extends, as far as they are facts.
pub(super) fn inherited<'a>(
    api: &'a Api,
    module: &'a TypeScriptModule,
    class: &'a TypeScriptClass,
) -> BTreeSet<&'a str> {
    let mut names = BTreeSet::new();
    let (mut module, mut class) = (module, class);
    while class.extends.is_some() {
        let parent = extended(class);
        let target = module
            .imports
            .get(parent)
            .and_then(|target| target.split_once('#'));
        if let Some((from, _)) = target {
            let Some(found) = api.typescript.modules.get(from) else {
                break;
            };
            module = found;
        }
        let found = module
            .declarations
            .iter()
            .find_map(|declaration| match declaration {
                TypeScriptDeclaration::Class(found) if found.name == parent => Some(found),
                _ => None,
            });
        let Some(found) = found else { break };
        class = found;
        names.extend(class.members.iter().map(|member| member.name.as_str()));
    }
    names
}

/// The fields of a page that its parent does not have, set from the body.
fn page(class: &TypeScriptClass) -> Result<String> {
    let mut fields = String::new();
    let mut sets = String::new();
    let mut constructor = None;
    for member in &class.members {
        match &member.value {
            Some(value) => {
                let _ = writeln!(fields, "  {}: {value};", member.name);
                let _ = writeln!(sets, "    this.{0} = body.{0};", member.name);
            }
            None if member.name == "constructor" => constructor = Some(member),
            None => {
                return Err(Error::new(
                    &class.name,
                    "has methods, which nothing here knows how to write; write its module by hand",
                ));
            }
        }
    }
    let constructor =
        constructor.ok_or_else(|| Error::new(&class.name, "is a page without a constructor"))?;
    let lines: Vec<_> = constructor
        .parameters
        .iter()
        .map(|parameter| format!("    {}{},\n", head(parameter), parameter.value))
        .collect();
    let names: Vec<_> = constructor
        .parameters
        .iter()
        .map(|parameter| parameter.name.as_str())
        .collect();
    Ok(format!(
        "{fields}\n  constructor(\n{}  ) {{\n    super({});\n{sets}  }}\n",
        lines.concat(),
        names.join(", ")
    ))
}
