//! Classes that are no resources, and functions.

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

/// A class whose members wait for `feature`, or that only declares fields of what it extends.
pub(super) fn class(
    api: &Api,
    imports: &mut Imports<'_>,
    module: &TypeScriptModule,
    class: &TypeScriptClass,
    feature: Option<&String>,
) -> Result<String> {
    let name = &class.name;
    let keyword = if class.is_abstract { "abstract " } else { "" };
    let mut text = match feature {
        Some(feature) => format!(
            "/** It needs {feature}, which tailrace does not have yet: making one throws an OpenAIError. */\n"
        ),
        None => format!(
            "/** A page with more members than `{}`. */\n",
            extended(class)
        ),
    };
    let _ = write!(
        text,
        "export {keyword}class {name}{}",
        brackets(&class.generics)
    );
    if let Some(parent) = &class.extends {
        imports.value(parent.split('<').next().unwrap_or(parent));
        let _ = write!(text, " extends {parent}");
    }
    text += " {\n";
    match feature {
        Some(feature) => text += &waiting(api, imports, module, class, feature),
        None => text += &page(class)?,
    }
    Ok(text + "}\n")
}

/// A function that waits for `feature`.
pub(super) fn function(
    imports: &mut Imports<'_>,
    name: &str,
    generics: &[String],
    parameters: &[TypeScriptMember],
    returns: &str,
    feature: Option<&String>,
) -> Result<String> {
    let feature = feature.ok_or_else(|| {
        Error::new(
            name,
            "is a function; the overlay may name the feature that its module waits for",
        )
    })?;
    let later = imports.add("internal/later#later");
    let list = list(parameters);
    Ok(format!(
        "/** @throws {{OpenAIError}} Always: it needs {feature}, which tailrace does not have yet. */\nexport function {name}{}({list}): {returns};\nexport function {name}(): never {{\n  throw {later}('{name}', '{feature}');\n}}\n",
        brackets(generics)
    ))
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

/// Members by name only: fields are declared, methods and the constructor throw.
fn waiting(
    api: &Api,
    imports: &mut Imports<'_>,
    module: &TypeScriptModule,
    class: &TypeScriptClass,
    feature: &str,
) -> String {
    let later = imports.add("internal/later#later");
    let inherited = inherited(api, module, class);
    let mut text = String::new();
    for (position, member) in class.members.iter().enumerate() {
        let name = &member.name;
        let mut before = modifiers(member);
        if member.value.is_none() && name != "constructor" && inherited.contains(name.as_str()) {
            before += "override ";
        }
        if let Some(value) = &member.value {
            let mark = if member.optional { "?" } else { "" };
            let _ = writeln!(text, "  declare {before}{name}{mark}: {value};");
            continue;
        }
        let is_constructor = name == "constructor";
        let returns = match &member.returns {
            Some(returns) => format!(": {returns}"),
            None => String::new(),
        };
        let generics = brackets(&member.generics);
        let _ = writeln!(
            text,
            "  {before}{name}{generics}({}){returns};",
            list(&member.parameters)
        );
        // The last overload is followed by what all of them do.
        let is_last = class
            .members
            .get(position + 1)
            .is_none_or(|next| &next.name != name);
        if !is_last || before.contains("abstract") {
            continue;
        }
        if is_constructor {
            let _ = writeln!(
                text,
                "  constructor(...values: any[]) {{\n    super(...(values as ConstructorParameters<typeof {}>));\n    throw {later}('{}', '{feature}');\n  }}",
                extended(class),
                class.name
            );
        } else {
            let dot = if name.starts_with('[') { "" } else { "." };
            let _ = writeln!(
                text,
                "  {before}{name}(): never {{\n    throw {later}('{}{dot}{name}', '{feature}');\n  }}",
                class.name
            );
        }
    }
    text
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
                    "has methods; the overlay may name the feature that its module waits for",
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
