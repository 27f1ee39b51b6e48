//! The schema, introspected: what the walks go by.

use std::collections::BTreeMap;

use serde_json::Value;

/// The types by name.
pub struct Schema(BTreeMap<String, Type>);

pub struct Type {
    pub name: String,
    pub kind: String,
    /// Of an object or an interface.
    pub fields: Vec<Field>,
    /// Of an input object.
    pub inputs: Vec<Input>,
    /// Whether an input object takes exactly one of its fields.
    pub is_one_of: bool,
    /// Of an interface or a union.
    pub possible: Vec<String>,
    /// Of an enum.
    pub words: Vec<String>,
}

pub struct Field {
    pub name: String,
    pub args: Vec<Input>,
    pub ty: TypeRef,
}

pub struct Input {
    pub name: String,
    pub ty: TypeRef,
    pub has_default: bool,
}

/// A type where it is used, such as `[ID!]!` of `ID`.
pub struct TypeRef {
    pub text: String,
    pub name: String,
}

impl TypeRef {
    fn of(value: &Value) -> Self {
        let inner = || Self::of(&value["ofType"]);
        match value["kind"].as_str().unwrap() {
            "NON_NULL" => Self { text: format!("{}!", inner().text), name: inner().name },
            "LIST" => Self { text: format!("[{}]", inner().text), name: inner().name },
            _ => {
                let name = text(&value["name"]);
                Self { text: name.clone(), name }
            }
        }
    }

    pub fn required(&self) -> bool {
        self.text.ends_with('!')
    }

    pub fn is_list(&self) -> bool {
        self.text.starts_with('[')
    }
}

impl Input {
    /// Whether a caller has to give it.
    pub fn asked_for(&self) -> bool {
        self.ty.required() && !self.has_default
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

fn all<T>(list: &Value, make: impl Fn(&Value) -> T) -> Vec<T> {
    list.as_array().into_iter().flatten().map(make).collect()
}

fn input(value: &Value) -> Input {
    Input { name: text(&value["name"]), ty: TypeRef::of(&value["type"]), has_default: !value["defaultValue"].is_null() }
}

impl Schema {
    /// The real one.
    pub async fn read() -> Self {
        let (schema, sdl) = (partner_portal::schema::builder().finish(), partner_portal::schema::sdl());
        let answer = schema.execute(include_str!("../contract/introspection.graphql")).await;
        assert_eq!(answer.errors, []);
        let answer = serde_json::to_value(answer.data).unwrap();
        let types = all(&answer["__schema"]["types"], |ty| Type {
            name: text(&ty["name"]),
            kind: text(&ty["kind"]),
            fields: all(&ty["fields"], |field| Field {
                name: text(&field["name"]),
                args: all(&field["args"], input),
                ty: TypeRef::of(&field["type"]),
            }),
            inputs: all(&ty["inputFields"], input),
            is_one_of: sdl.contains(&format!("input {} @oneOf", text(&ty["name"]))),
            possible: all(&ty["possibleTypes"], |possible| text(&possible["name"])),
            words: all(&ty["enumValues"], |word| text(&word["name"])),
        });
        let types = types.into_iter().filter(|ty| !ty.name.starts_with("__"));
        Self(types.map(|ty| (ty.name.clone(), ty)).collect())
    }

    pub fn get(&self, name: &str) -> &Type {
        self.0.get(name).unwrap_or_else(|| panic!("the schema has no type {name}"))
    }

    /// The fields of the query root, or of the mutation root.
    pub fn root(&self, name: &str) -> &[Field] {
        &self.get(name).fields
    }

    pub fn root_field(&self, root: &str, name: &str) -> &Field {
        let found = self.root(root).iter().find(|field| field.name == name);
        found.unwrap_or_else(|| panic!("there is no {root}.{name} any more: remove its entry"))
    }

    /// Whether a value of the type is written as it is, without a selection.
    pub fn is_leaf(&self, name: &str) -> bool {
        matches!(self.get(name).kind.as_str(), "SCALAR" | "ENUM")
    }

    pub fn types(&self) -> impl Iterator<Item = &Type> {
        self.0.values()
    }
}
