use std::io;

use maud::{Markup, PreEscaped, html};

use super::page::Page;

/// A table that becomes a list of labelled cells on a narrow screen.
pub(super) fn table(caption: &str, heads: &[&str], rows: &[Vec<Markup>]) -> Markup {
    html! { (opening(caption, heads)) @for cells in rows { (row(heads, cells)) } (closing()) }
}

/// The same for more rows than should be in memory at once.
pub(super) fn show_table(page: &mut Page, caption: &str, heads: &[&str], mut rows: impl Iterator<Item = Vec<Markup>>) -> io::Result<()> {
    page.show(&opening(caption, heads))?;
    rows.try_for_each(|cells| page.show(&row(heads, &cells)))?;
    page.show(&closing())
}

/// The roles repeat what the elements mean: the narrow form changes their `display`, which would take the meaning away.
fn opening(caption: &str, heads: &[&str]) -> Markup {
    html! {
        (PreEscaped("<table role=\"table\">"))
        caption { (caption) }
        thead role="rowgroup" {
            tr role="row" { @for head in heads { th scope="col" role="columnheader" { (head) } } }
        }
        (PreEscaped("<tbody role=\"rowgroup\">"))
    }
}

fn row(heads: &[&str], cells: &[Markup]) -> Markup {
    html! {
        tr role="row" {
            @for (head, cell) in heads.iter().zip(cells) { td role="cell" data-label=(head) { div { (cell) } } }
        }
    }
}

fn closing() -> Markup {
    PreEscaped("</tbody></table>".to_owned())
}
