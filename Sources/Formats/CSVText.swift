/// A text as a field of CSV: RFC 4180's quotes where it holds a comma, a quote or a line end, and an apostrophe before what a spreadsheet
/// would run as a formula. Numbers need neither.
package func csvText(_ text: String) -> String {
    let isFormula = text.utf8.first.map { "=+-@\t\r".utf8.contains($0) } ?? false, safe = isFormula ? "'" + text : text
    return safe.utf8.contains { ",\"\r\n".utf8.contains($0) } ? "\"\(safe.replacing("\"", with: "\"\""))\"" : safe
}
