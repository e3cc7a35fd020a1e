import Domain

/// UCI Online Retail: the order lines of a British web wholesaler.
///
/// - Shape: an `InvoiceNo` with `C` in front is a cancellation, with `A` an adjustment. Amounts are GBP. An order is of the day
///   its first row names. `CustomerID` may read `17850.0`.
/// - Source: D. Chen, S. Sain, K. Guo, "Data mining for the online retail industry" (2012).
func onlineRetail(_ header: CSVHeader) throws(FileFault) -> OrderMapping {
    let columns = ["InvoiceNo", "StockCode", "Description", "Quantity", "InvoiceDate", "UnitPrice", "CustomerID", "Country"]
    let at = try header.indices(of: columns)
    return OrderMapping(columnCount: header.names.count, numberColumn: at[0], refusesWholeOrders: false, channel: { _ in "web" }) {
        fields throws(RowRefused) in
        func text(_ column: Int) -> String { fields[at[column]].trimmed }
        let number = text(0)
        guard let orderedOn = orderDay(text(4)) else {
            throw RowRefused(.date, "order \(number): InvoiceDate \(text(4)) is neither YYYY-MM-DD nor M/D/YYYY")
        }
        guard let country = countries[text(7)] else {
            throw RowRefused(.country, "order \(number): country \(text(7)) is not known")
        }
        let line = OrderIntake.Line(
            sku: text(1), description: text(2), quantityMilli: try quantityMilli(text(3)), priceMicro: try priceMicro(text(5)))
        return OrderIntake(
            channel: "web", externalID: number, kind: kind(of: number), customerNumber: customerNumber(text(6)), country: country,
            orderedOn: orderedOn, currency: .gbp, lines: [line])
    }
}

private func kind(of number: String) -> OrderIntake.Kind {
    switch number.utf8.first {
    case UInt8(ascii: "C"), UInt8(ascii: "c"): .cancellation
    case UInt8(ascii: "A"), UInt8(ascii: "a"): .adjustment
    default: .sale
    }
}

private func customerNumber(_ text: String) -> String? {
    text.isEmpty ? nil : text.hasSuffix(".0") ? String(text.dropLast(2)) : text
}

/// The day of `2010-12-01 08:26:00` or, month first, of `12/1/2010 8:26` and `12/1/10 8:26`.
private func orderDay(_ text: String) -> Day? {
    let date = text.prefix { $0 != " " && $0 != "T" }
    if let day = Day(date) { return day }
    let parts = date.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 3, parts.allSatisfy({ $0.utf8.allSatisfy(\.isDigit) }), [2, 4].contains(parts[2].utf8.count),
        let month = Int(parts[0]), let day = Int(parts[1]), let year = Int(parts[2])
    else { return nil }
    return Day(year: year < 100 ? 2000 + year : year, month: month, day: day)
}

/// ISO 3166-1 alpha-2, with its user-assigned `ZZ` for an unknown country and its reserved `EU`.
private let countries: [String: String] = [
    "Australia": "AU", "Austria": "AT", "Bahrain": "BH", "Belgium": "BE", "Brazil": "BR", "Canada": "CA", "Channel Islands": "JE",
    "Cyprus": "CY", "Czech Republic": "CZ", "Denmark": "DK", "EIRE": "IE", "European Community": "EU", "Finland": "FI",
    "France": "FR", "Germany": "DE", "Greece": "GR", "Hong Kong": "HK", "Iceland": "IS", "Israel": "IL", "Italy": "IT",
    "Japan": "JP", "Lebanon": "LB", "Lithuania": "LT", "Malta": "MT", "Netherlands": "NL", "Norway": "NO", "Poland": "PL",
    "Portugal": "PT", "RSA": "ZA", "Saudi Arabia": "SA", "Singapore": "SG", "Spain": "ES", "Sweden": "SE", "Switzerland": "CH",
    "USA": "US", "United Arab Emirates": "AE", "United Kingdom": "GB", "Unspecified": "ZZ",
]
