import Domain

/// A text as a field of CSV, as it is shown: RFC 4180's quotes where it holds a comma, a quote or a line end, and an apostrophe before what a
/// spreadsheet would run as a formula: at its beginning, or behind a sign by which a spreadsheet may part columns. Numbers need neither.
package func csvText(_ text: String) -> String {
    let shown = text.shown
    var safe = "", isCellStart = true
    for scalar in shown.unicodeScalars {
        if isCellStart, beginsFormula(scalar) { safe += "'" }
        safe.unicodeScalars.append(scalar)
        isCellStart = [";", "\t"].contains(scalar) || isCellStart && [" ", "\""].contains(scalar)
    }
    return safe.utf8.contains { ",\"\r\n".utf8.contains($0) } ? "\"\(safe.replacing("\"", with: "\"\""))\"" : safe
}

/// Spreadsheets take the full-width forms of East Asian keyboards too.
private func beginsFormula(_ scalar: Unicode.Scalar) -> Bool {
    ["=", "+", "-", "@", "\t", "\r", "\n", "\u{FF1D}", "\u{FF0B}", "\u{FF0D}", "\u{FF20}"].contains(scalar)
}
