//! Facts of the TypeScript package.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer};

use super::operation::{Answer, Multipart, Operation, Streaming};
use super::ordered::{Ordered, ordered};
use super::text::text;

/// A module of the TypeScript package: statements with their types as text.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TypeScriptModule {
    /// Path without extension.
    pub module: String,
    /// Local name to `module#Name`.
    #[serde(default)]
    pub imports: BTreeMap<String, String>,
    /// Declarations in official order.
    pub declarations: Vec<TypeScriptDeclaration>,
}

/// What the client class offers besides its own methods.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TypeScriptClient {
    /// Local name to `module#Name`.
    pub imports: BTreeMap<String, String>,
    /// Static members of the class in official order.
    #[serde(default)]
    pub statics: Vec<TypeScriptMember>,
    /// Resources in official order: property and class.
    pub children: Vec<TypeScriptMember>,
    /// The namespace of the class.
    pub namespace: TypeScriptDeclaration,
}

/// A declaration of a TypeScript module.
#[derive(Debug, Clone, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase", deny_unknown_fields)]
pub enum TypeScriptDeclaration {
    /// A class: a resource, or one that is written out member by member.
    Class(TypeScriptClass),
    /// An interface.
    Interface {
        /// Name.
        name: String,
        /// Type parameters, as text.
        #[serde(default)]
        generics: Vec<String>,
        /// Whether it is out of date.
        #[serde(default)]
        deprecated: bool,
        /// Heritage, as text.
        #[serde(default)]
        extends: Vec<String>,
        /// Members in order.
        members: Vec<TypeScriptMember>,
        /// Whether the module keeps it to itself.
        #[serde(default)]
        local: bool,
    },
    /// A type alias.
    Alias {
        /// Name.
        name: String,
        /// Type parameters, as text.
        #[serde(default)]
        generics: Vec<String>,
        /// Whether it is out of date.
        #[serde(default)]
        deprecated: bool,
        /// The aliased type.
        #[serde(rename = "type", deserialize_with = "text")]
        value: String,
        /// Whether the module keeps it to itself.
        #[serde(default)]
        local: bool,
    },
    /// A function.
    Function {
        /// Name.
        name: String,
        /// Type parameters, as text.
        #[serde(default)]
        generics: Vec<String>,
        /// Parameters in order.
        parameters: Vec<TypeScriptMember>,
        /// Return type.
        #[serde(deserialize_with = "text")]
        returns: String,
    },
    /// Names of this or another module, offered again.
    Export {
        /// The other module.
        from: Option<String>,
        /// The names; all when there are none.
        #[serde(default)]
        exports: Vec<TypeScriptExport>,
    },
    /// A namespace that nests types.
    Namespace {
        /// Name.
        name: String,
        /// Names that it exports again, local name to public name.
        #[serde(default)]
        exports: Vec<TypeScriptExport>,
        /// Names that it gives to members of other modules.
        #[serde(default)]
        aliases: Vec<TypeScriptAlias>,
        /// What it declares itself.
        #[serde(default)]
        declarations: Vec<TypeScriptDeclaration>,
    },
}

/// A class.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TypeScriptClass {
    /// Name.
    pub name: String,
    /// Whether it is out of date.
    #[serde(default)]
    pub deprecated: bool,
    /// Dotted name of the resource; a class without one is written out member by member.
    pub resource: Option<String>,
    /// Child resources: property and class.
    #[serde(default)]
    pub children: Vec<TypeScriptMember>,
    /// Methods of a resource in official order; each holds its overloads.
    #[serde(default, deserialize_with = "ordered")]
    pub methods: Ordered<Vec<TypeScriptSignature>>,
    /// Type parameters, as text.
    #[serde(default)]
    pub generics: Vec<String>,
    /// The class that it extends, as text.
    pub extends: Option<String>,
    /// Whether it cannot be made.
    #[serde(default, rename = "abstract")]
    pub is_abstract: bool,
    /// Members of a class that is no resource.
    #[serde(default)]
    pub members: Vec<TypeScriptClassMember>,
}

/// A property, a method or the constructor of a class that is no resource.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TypeScriptClassMember {
    /// Name; `constructor` for that.
    pub name: String,
    /// Type of a property, as text.
    #[serde(rename = "type", default, deserialize_with = "optional_text")]
    pub value: Option<String>,
    /// Whether a property may be absent.
    #[serde(default)]
    pub optional: bool,
    /// Type parameters of a method.
    #[serde(default)]
    pub generics: Vec<String>,
    /// Parameters of a method.
    #[serde(default)]
    pub parameters: Vec<TypeScriptMember>,
    /// Whether it is out of date.
    #[serde(default)]
    pub deprecated: bool,
    /// Return type of a method.
    #[serde(default, deserialize_with = "optional_text")]
    pub returns: Option<String>,
    /// `abstract`, `protected` and the like.
    #[serde(default)]
    pub modifiers: Vec<String>,
}

/// A name that a namespace or a module exports again.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TypeScriptExport {
    /// Name in the module.
    pub name: String,
    /// Public name, where it differs.
    #[serde(rename = "as")]
    pub renamed: Option<String>,
    /// Whether it is a value (a class), and no type.
    #[serde(default)]
    pub value: bool,
}

impl TypeScriptExport {
    /// The name under which it is seen.
    pub fn public(&self) -> &str {
        self.renamed.as_ref().unwrap_or(&self.name)
    }
}

/// `export import name = of`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TypeScriptAlias {
    /// The new name.
    pub name: String,
    /// The dotted old one.
    pub of: String,
}

/// A member of an interface, or a parameter.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TypeScriptMember {
    /// Property name, quoted where TypeScript needs quotes; an index signature is `[key: string]`, a parameter may be a
    /// pattern.
    pub name: String,
    /// Type, as text.
    #[serde(rename = "type", deserialize_with = "text")]
    pub value: String,
    /// Whether it may be absent.
    #[serde(default)]
    pub optional: bool,
    /// Whether it is out of date.
    #[serde(default)]
    pub deprecated: bool,
}

/// One overload of a method.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TypeScriptSignature {
    /// Whether it is out of date.
    #[serde(default)]
    pub deprecated: bool,
    /// Type parameters, as text.
    #[serde(default)]
    pub generics: Vec<String>,
    /// Parameters in order.
    pub parameters: Vec<TypeScriptMember>,
    /// Return type.
    #[serde(deserialize_with = "text")]
    pub returns: String,
}

/// A text that may be missing.
fn optional_text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    text(deserializer).map(Some)
}

/// The TypeScript half of the overlay.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TypeScriptOverlay {
    /// Resource to the hand-written class, `module#Class` below `node/src`, that its generated class extends.
    #[serde(default)]
    pub mixins: BTreeMap<String, String>,
    /// Method to `module#function` below `node/src`: what completes a whole response.
    #[serde(default)]
    pub transforms: BTreeMap<String, String>,
    /// Method to the hand-written function that it delegates to.
    #[serde(default)]
    pub helpers: BTreeMap<String, TypeScriptHelper>,
    /// Folder of the modules of a WebSocket connection to its path.
    #[serde(default)]
    pub connections: BTreeMap<String, String>,
    /// Method to what the official TypeScript package sends in another way than the Python one.
    #[serde(default)]
    pub operations: BTreeMap<String, OperationChange>,
}

/// A hand-written function behind a generated method.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TypeScriptHelper {
    /// `module#function` below `node/src`.
    pub function: String,
    /// First line of the doc comment.
    pub summary: String,
    /// What it throws, by class, besides what a call throws.
    #[serde(default)]
    pub throws: BTreeMap<String, String>,
}

/// What differs from an operation; without one it says all.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OperationChange {
    verb: Option<String>,
    path: Option<String>,
    query: Option<Vec<String>>,
    body: Option<Vec<String>>,
    multipart: Option<Multipart>,
    /// Whether the names of files keep their folders.
    #[serde(default)]
    pub keeps_folders: bool,
    #[serde(default, deserialize_with = "ordered")]
    headers: Ordered<Option<String>>,
    #[serde(default)]
    header_parameters: BTreeMap<String, String>,
    response: Option<AnswerChange>,
    page: Option<String>,
    stream: Option<Streaming>,
    stream_mode: Option<String>,
    security: Option<Vec<String>>,
}

/// An answer, where JSON has to be said.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum AnswerChange {
    Json,
    None,
    Binary,
    Text,
}

impl OperationChange {
    /// The operation with its changes; a header that is `null` goes away.
    pub fn apply(&self, operation: &mut Operation) {
        let set = |field: &mut String, change: &Option<String>| {
            if let Some(value) = change {
                field.clone_from(value);
            }
        };
        set(&mut operation.verb, &self.verb);
        set(&mut operation.path, &self.path);
        if let Some(query) = &self.query {
            operation.query.clone_from(query);
        }
        if let Some(body) = &self.body {
            operation.body.clone_from(body);
        }
        if let Some(security) = &self.security {
            operation.security.clone_from(security);
        }
        for (name, value) in &self.headers {
            operation
                .headers
                .retain(|(header, _)| !header.eq_ignore_ascii_case(name));
            if let Some(value) = value {
                operation.headers.push((name.clone(), value.clone()));
            }
        }
        operation
            .header_parameters
            .extend(self.header_parameters.clone());
        operation.multipart = self.multipart.or(operation.multipart);
        operation.stream = self.stream.unwrap_or(operation.stream);
        operation.response = match self.response {
            None => operation.response,
            Some(AnswerChange::Json) => None,
            Some(AnswerChange::None) => Some(Answer::None),
            Some(AnswerChange::Binary) => Some(Answer::Binary),
            Some(AnswerChange::Text) => Some(Answer::Text),
        };
        if self.page.is_some() {
            operation.page.clone_from(&self.page);
        }
        if self.stream_mode.is_some() {
            operation.stream_mode.clone_from(&self.stream_mode);
        }
    }
}
