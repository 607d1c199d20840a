use maud::{Markup, html};

/// A table that becomes a list of labelled cells on a narrow screen.
///
/// The roles repeat what the elements mean: the narrow form changes their `display`, which would take the meaning away.
pub(super) fn table(caption: &str, heads: &[&str], rows: &[Vec<Markup>]) -> Markup {
    html! {
        table role="table" {
            caption { (caption) }
            thead role="rowgroup" {
                tr role="row" { @for head in heads { th scope="col" role="columnheader" { (head) } } }
            }
            tbody role="rowgroup" {
                @for row in rows {
                    tr role="row" {
                        @for (head, cell) in heads.iter().zip(row) { td role="cell" data-label=(head) { div { (cell) } } }
                    }
                }
            }
        }
    }
}
