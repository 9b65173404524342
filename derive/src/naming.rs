//! Names: of tables after structs, of constants after fields, and the one that was meant.
//!
//! Checking calls it.
//! It must not know what the names are for.

/// `snake_case` of a struct's name: `BlogPost` is `blog_post`, `HTTPRequest` is `http_request`.
pub(crate) fn snake_case(name: &str) -> String {
    let letters: Vec<char> = name.chars().collect();
    let mut out = String::new();
    for (i, letter) in letters.iter().enumerate() {
        let after_small = i > 0 && !letters[i - 1].is_uppercase() && letters[i - 1] != '_';
        let before_small = letters.get(i + 1).is_some_and(|c| c.is_lowercase());
        let ends_capitals = i > 0 && letters[i - 1].is_uppercase() && before_small;
        if letter.is_uppercase() && (after_small || ends_capitals) {
            out.push('_');
        }
        out.extend(letter.to_lowercase());
    }
    out
}

/// The name of the constant for a field or relationship: `paid_at` is `PAID_AT`.
pub(crate) fn constant_case(name: &str) -> String {
    snake_case(name).to_uppercase()
}

/// The candidate that was probably meant, as the end of a message: ``, did you mean `key`?``
pub(crate) fn did_you_mean<'a>(
    name: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> String {
    let nearest = candidates
        .into_iter()
        .map(|candidate| (distance(name, candidate), candidate))
        .min();
    match nearest {
        // Half the name may be wrong in a short one, a third in a longer one.
        Some((edits, candidate)) if edits <= (name.chars().count() + 1) / 3 => {
            format!(", did you mean `{candidate}`?")
        }
        _ => String::new(),
    }
}

/// How many letters must be put in, left out or replaced.
fn distance(from: &str, to: &str) -> usize {
    let to: Vec<char> = to.chars().collect();
    let mut costs: Vec<usize> = (0..=to.len()).collect();
    for (i, a) in from.chars().enumerate() {
        let mut diagonal = costs[0];
        costs[0] = i + 1;
        for (j, b) in to.iter().enumerate() {
            let replaced = diagonal + usize::from(a != *b);
            diagonal = costs[j + 1];
            costs[j + 1] = replaced.min(costs[j] + 1).min(diagonal + 1);
        }
    }
    costs[to.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn capitals_begin_words() {
        assert_eq!(snake_case("Account"), "account");
        assert_eq!(snake_case("BlogPost"), "blog_post");
        assert_eq!(snake_case("HTTPRequest"), "http_request");
        assert_eq!(snake_case("UserV2"), "user_v2");
        assert_eq!(snake_case("Snake_Case"), "snake_case");
        assert_eq!(constant_case("paid_at"), "PAID_AT");
        assert_eq!(constant_case("paidAt"), "PAID_AT");
    }

    #[test]
    fn only_near_names_are_suggested() {
        let names = ["key", "version", "generated"];
        assert_eq!(did_you_mean("kay", names), ", did you mean `key`?");
        assert_eq!(
            did_you_mean("generate", names),
            ", did you mean `generated`?"
        );
        assert_eq!(did_you_mean("tags", names), "");
    }
}
