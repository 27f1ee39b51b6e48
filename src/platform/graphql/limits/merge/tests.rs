//! The examples of the specification (5.3.2, *field selection merging*) and of the reference implementation's tests.

use async_graphql::parser::parse_query;

use super::*;

const SDL: &str = "
    type Query { dog: Dog pet: Pet someBox: Box connection: Conn other: Query deep: Deep }
    interface Pet { name: String! }
    enum Command { SIT HEEL }
    type Dog implements Pet { name: String! nickname: String barks: Boolean barkVolume: Int
      doesKnowCommand(dogCommand: Command): Boolean! isHouseTrained(atOtherHomes: Boolean): Boolean mother: Dog owner: Person }
    type Cat implements Pet { name: String! nickname: String meowVolume: Int meows: Boolean
      doesKnowCommand(catCommand: Command): Boolean! mother: Cat owner: Person likes: [Cat!] }
    type Person { name: String! id: ID! }
    interface Box { deepBox: Box unrelated: String }
    type StringBox implements Box { scalar: String deepBox: StringBox unrelated: String listStringBox: [StringBox] stringBox: StringBox intBox: IntBox }
    type IntBox implements Box { scalar: Int deepBox: IntBox unrelated: String listStringBox: [StringBox] stringBox: StringBox intBox: IntBox }
    type NonNullStringBox implements Box { scalar: String! deepBox: Box unrelated: String }
    type Conn { edges: [Edge] } type Edge { node: Node } type Node { id: ID name: String }
    type Deep { deep: Deep a: String b: String }
";

fn checked(text: &str) -> Result<(), Refusal> {
    check(&parse_query(text).unwrap(), &Shape::of_sdl(SDL).unwrap())
}

#[test]
fn fields_that_are_one_thing_are_merged() {
    for text in [
        "{ dog { name name } }",
        "{ dog { other: name other: name } }",
        "{ dog { doesKnowCommand(dogCommand: SIT) doesKnowCommand(dogCommand: SIT) } }",
        "query($c: Command) { dog { doesKnowCommand(dogCommand: $c) doesKnowCommand(dogCommand: $c) } }",
        "{ dog { sit: doesKnowCommand(dogCommand: SIT) heel: doesKnowCommand(dogCommand: HEEL) } }",
        "{ dog { name @include(if: true) name @skip(if: true) } }",
        // Different objects: never answered in one place.
        "{ pet { ... on Dog { volume: barkVolume } ... on Cat { volume: meowVolume } } }",
        "{ pet { ... on Dog { doesKnowCommand(dogCommand: SIT) } ... on Cat { doesKnowCommand(catCommand: SIT) } } }",
        "{ pet { name ... on Dog { name } ...c } } fragment c on Cat { name }",
        "{ pet { ... on Dog { mother { name } } ... on Cat { mother { name } } } }",
        "{ dog { ...f ...f } } fragment f on Dog { mother { name } }",
        "{ dog { mother { name } } dog { mother { nickname } } }",
        "{ someBox { ... on StringBox { unrelated } ... on IntBox { unrelated } } }",
        "{ dog { __typename } dog { __typename } }",
        // What validation refuses by another rule is not called a conflict.
        "{ dog { nothing nothing } }",
    ] {
        assert_eq!(checked(text), Ok(()), "{text}");
    }
}

#[test]
fn fields_that_are_two_things_are_refused() {
    for text in [
        "{ dog { name: nickname name } }",
        "{ dog { doesKnowCommand(dogCommand: SIT) doesKnowCommand(dogCommand: HEEL) } }",
        "query($c: Command) { dog { doesKnowCommand(dogCommand: SIT) doesKnowCommand(dogCommand: $c) } }",
        "query($a: Command, $b: Command) { dog { doesKnowCommand(dogCommand: $a) doesKnowCommand(dogCommand: $b) } }",
        "{ dog { doesKnowCommand(dogCommand: SIT) doesKnowCommand } }",
        "{ dog { isHouseTrained(atOtherHomes: true) isHouseTrained } }",
        "{ dog { ... on Dog { x: name } ... on Dog { x: nickname } } }",
        "{ dog { x: name ... on Dog { x: nickname } } }",
        "{ pet { x: name ... on Dog { x: nickname } } }",
        "{ dog { ...a ...b } } fragment a on Dog { x: name } fragment b on Dog { x: nickname }",
        // Through parents that are merged.
        "{ dog { mother { x: name } } dog { mother { x: nickname } } }",
        "{ a: dog { x: name } a: dog { x: nickname } }",
        "{ a: dog { x: owner { y: name } } a: dog { x: owner { y: id } } }",
        "{ a: dog { ...f } a: dog { x: nickname } } fragment f on Dog { ... on Pet { x: name } }",
        "{ other { other { a: dog { name } } } other { other { a: dog { name } a: pet { name } } } }",
        "{ connection { ...e edges { node { id: name } } } } fragment e on Conn { edges { node { id } } }",
        // Of different shapes, though never in one place.
        "{ pet { ... on Dog { x: barkVolume } ... on Cat { x: meows } } }",
        "{ someBox { ... on StringBox { scalar } ... on IntBox { scalar } } }",
        "{ someBox { ... on StringBox { scalar } ... on NonNullStringBox { scalar } } }",
        "{ someBox { ... on StringBox { box: listStringBox { scalar } } ... on IntBox { box: stringBox { scalar } } } }",
        "{ someBox { ... on StringBox { box: stringBox { scalar } } ... on IntBox { box: intBox { scalar } } } }",
        "{ pet { ... on Dog { x: mother { y: name } } ... on Cat { x: mother { y: meowVolume } } } }",
        "{ pet { ... on Dog { x: mother { name } } ... on Cat { x: name } } }",
    ] {
        assert!(matches!(checked(text), Err(Refusal::Invalid(_))), "{text}");
    }
}

#[test]
fn the_work_is_bounded_whatever_is_repeated() {
    let same = format!("{{ dog {{ {} }} }}", "name ".repeat(10_000));
    assert_eq!(checked(&same), Ok(()));
    let parents = format!("{{ {} }}", "dog { mother { owner { name } } } ".repeat(500));
    assert_eq!(checked(&parents), Ok(()));
    // Each level asks through an interface and through two objects: what is inside doubles with every level.
    let mut tangle = "unrelated".to_owned();
    for level in 0..24 {
        tangle = format!(
            "deepBox {{ {tangle} ... on StringBox {{ a{level}: unrelated }} ... on IntBox {{ b{level}: unrelated }} }} ... on StringBox {{ deepBox {{ unrelated }} }} ... on IntBox {{ deepBox {{ unrelated }} }}"
        );
    }
    assert!(matches!(checked(&format!("{{ someBox {{ {tangle} }} }}")), Ok(()) | Err(Refusal::TooMuch(_))));
}
