//! Field types that can't be columns: one message a field.

use sessile::Model;
#[derive(Clone, Debug)]
struct Colour(u8);

#[derive(Clone, Debug)]
struct NoModel;

#[derive(Model, Clone, Debug)]
struct Car {
    #[model(key)]
    id: i64,
    colour: Colour,
    other_colour: Option<Colour>,
    colours: Vec<Colour>,
}

#[derive(Model, Clone, Debug)]
struct Boat {
    #[model(key)]
    id: i64,
    #[model(json)]
    colour: Colour,
}

#[derive(Model, Clone, Debug)]
struct Bike {
    #[model(key)]
    id: i64,
    #[model(sql_type = "colour")]
    colour: Colour,
}

#[derive(Model, Clone, Debug)]
struct Bus {
    #[model(key)]
    id: i64,
    #[model(version)]
    version: String,
}

#[derive(Model, Clone, Debug)]
struct Tram {
    #[model(key)]
    id: f64,
}

#[derive(Model, Clone, Debug)]
struct Ship {
    #[model(key)]
    id: i64,
    #[model(skip)]
    colour: Colour,
}

fn main() {}
