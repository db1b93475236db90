//! The class of the client: its resources and its namespace, over the hand-written rest.

use super::imports::Imports;
use super::modules::{head, note_values, outer};
use super::resources;
use crate::emit::marker;
use crate::error::{Error, Result};
use crate::load::{TypeScriptClient, TypeScriptDeclaration, TypeScriptMember};

/// The module that holds the class.
pub(super) const MODULE: &str = "resources/openai";

/// The module.
pub(super) fn emit(client: &TypeScriptClient) -> Result<String> {
    let TypeScriptDeclaration::Namespace {
        name,
        exports,
        aliases,
        ..
    } = &client.namespace
    else {
        return Err(Error::new(
            "client.json",
            "has no namespace beside the class",
        ));
    };
    let mut imports = Imports::new(MODULE, &client.imports);
    note_values(&mut imports, exports);
    let parent = imports.add("core/client#Client");
    // A child is declared with the class that the namespace exports under its name.
    let mut children = Vec::new();
    for child in &client.children {
        let public = child.value.rsplit('.').next().unwrap_or(&child.value);
        let export = exports
            .iter()
            .find(|export| export.public() == public)
            .ok_or_else(|| {
                Error::new(
                    "client.json",
                    format_args!("exports no class of `{}`", child.name),
                )
            })?;
        children.push(TypeScriptMember {
            name: child.name.clone(),
            value: export.name.clone(),
            optional: false,
            deprecated: false,
        });
    }
    let mut text = format!(
        "\n/** The client of the OpenAI API, and of servers that speak it. */\nexport class {name} extends {parent} {{\n"
    );
    text += &resources::children("client", &children);
    // The hand-written class has them; declared here, they are seen as members of this one.
    let statics: Vec<_> = client
        .statics
        .iter()
        .map(|member| {
            if member.name == *name {
                format!("  static {name} = this;\n")
            } else {
                let tail = format!("  declare static {}{};\n", head(member), member.value);
                tail
            }
        })
        .collect();
    text += &format!("\n{}}}\n", statics.concat());
    text += &resources::lazily(&mut imports, MODULE, &client.imports, name, &children)?;
    let statics: Vec<_> = aliases
        .iter()
        .map(|alias| {
            imports.value(&alias.of);
            format!("  {}: {},\n", alias.name, alias.of)
        })
        .collect();
    if !statics.is_empty() {
        text += &format!("\nObject.assign({name}, {{\n{}}});\n", statics.concat());
    }
    text += &format!("\n{}", outer(&client.namespace));
    Ok(format!(
        "// {}\n\n{}{text}",
        marker("typescript/client.rs"),
        imports.text()
    ))
}
