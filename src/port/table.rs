//! A table whose places are found by token: a place and how often it has been used, in one number that JavaScript can
//! hold exactly. A token of something that is gone finds nothing, however often its place has been used since.

/// The name of something in a [`Table`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token(u64);

/// Bits of a token for the place; the rest of the 53 that a JavaScript number holds exactly counts the uses.
const PLACE_BITS: u32 = 21;
const MOST_PLACES: usize = 1 << PLACE_BITS;
const MOST_TURNS: u64 = (1 << (53 - PLACE_BITS)) - 1;

impl Token {
    /// The token as a JavaScript number.
    pub fn number(self) -> f64 {
        // Exact: a token has 53 bits.
        self.0 as f64
    }

    /// The token that a JavaScript number stands for. Any number at all may come: one that is no token of a table
    /// finds nothing there.
    pub fn of(number: f64) -> Self {
        // A cast from a float saturates, and turns what is not a number into 0.
        Self(number as u64)
    }

    fn place(self) -> usize {
        usize::try_from(self.0 & (MOST_PLACES as u64 - 1)).unwrap_or(usize::MAX)
    }

    fn turn(self) -> u64 {
        self.0 >> PLACE_BITS
    }
}

/// Things that are found by token.
pub struct Table<T> {
    places: Vec<Place<T>>,
    free: Vec<usize>,
}

struct Place<T> {
    // The first turn is 1, so no token is 0, which is what everything becomes that is not a number.
    turn: u64,
    held: Option<T>,
}

impl<T> Default for Table<T> {
    fn default() -> Self {
        Self { places: Vec::new(), free: Vec::new() }
    }
}

impl<T> Table<T> {
    /// Puts something in. `Err` gives it back when the table is full.
    pub fn insert(&mut self, held: T) -> Result<Token, T> {
        let place = match self.free.pop() {
            Some(place) => place,
            None if self.places.len() < MOST_PLACES => {
                self.places.push(Place { turn: 1, held: None });
                self.places.len() - 1
            }
            None => return Err(held),
        };
        let Some(entry) = self.places.get_mut(place) else { return Err(held) };
        entry.held = Some(held);
        Ok(Token((entry.turn << PLACE_BITS) | place as u64))
    }

    /// Finds something.
    pub fn get(&self, token: Token) -> Option<&T> {
        self.places.get(token.place()).filter(|place| place.turn == token.turn())?.held.as_ref()
    }

    /// Finds something, to change it.
    pub fn get_mut(&mut self, token: Token) -> Option<&mut T> {
        self.places.get_mut(token.place()).filter(|place| place.turn == token.turn())?.held.as_mut()
    }

    /// Takes something out.
    pub fn remove(&mut self, token: Token) -> Option<T> {
        let place = self.places.get_mut(token.place()).filter(|place| place.turn == token.turn())?;
        let held = place.held.take()?;
        // A place whose turns are used up is never used again, so a token never repeats.
        if place.turn < MOST_TURNS {
            place.turn += 1;
            self.free.push(token.place());
        }
        Some(held)
    }

    /// How many things are in it.
    pub fn len(&self) -> usize {
        self.places.len() - self.free.len()
    }

    /// The tokens of everything that `which` picks.
    pub fn find(&self, mut which: impl FnMut(&T) -> bool) -> Vec<Token> {
        self.places
            .iter()
            .enumerate()
            .filter(|(_, place)| place.held.as_ref().is_some_and(&mut which))
            .map(|(index, place)| Token((place.turn << PLACE_BITS) | index as u64))
            .collect()
    }

    /// Takes out everything that `which` picks.
    pub fn remove_if(&mut self, which: impl FnMut(&T) -> bool) -> Vec<T> {
        self.find(which).into_iter().filter_map(|token| self.remove(token)).collect()
    }
}
