import Domain

/// Florin's own order file.
///
/// - Shape: columns `order_id, customer, country, ordered_on, currency, sku, description, quantity, unit_price`, and
///   optionally `channel` (else `file`) and `kind` (`sale`, `cancellation`, `adjustment`; else `sale`), in any order. One row
///   per line. Dates are `YYYY-MM-DD`, countries ISO 3166-1 alpha-2, numbers have a decimal point and no grouping; quantities
///   up to 3 decimals, prices up to 6.
func florinOrders(_ header: CSVHeader) throws(FileFault) -> OrderMapping {
    let columns = ["order_id", "customer", "country", "ordered_on", "currency", "sku", "description", "quantity", "unit_price"]
    let at = try header.indices(of: columns)
    let channelAt = header.index(of: "channel"), kindAt = header.index(of: "kind")
    let channel = { (fields: [String]) -> String in
        guard let channelAt else { return "file" }
        guard channelAt < fields.count else { return "" }
        let named = fields[channelAt].trimmed
        return named.isEmpty ? "file" : named
    }
    return OrderMapping(columnCount: header.names.count, numberColumn: at[0], refusesWholeOrders: true, channel: channel) {
        fields throws(RowRefused) in
        func text(_ column: Int) -> String { fields[at[column]].trimmed }
        func option(_ column: Int?, else fallback: String) -> String {
            let text = column.map { fields[$0].trimmed } ?? ""
            return text.isEmpty ? fallback : text
        }
        let kindName = option(kindAt, else: OrderIntake.Kind.sale.rawValue)
        guard let kind = OrderIntake.Kind(rawValue: kindName) else {
            throw RowRefused(.kind, "kind \(kindName) is none of sale, cancellation, adjustment")
        }
        if let fault = Country.fault(in: text(2)) { throw RowRefused(.country, "country \(fault)") }
        guard let orderedOn = Day(text(3)) else { throw RowRefused(.date, "ordered_on \(text(3)) is not a date YYYY-MM-DD") }
        guard let currency = Currency(text(4)) else { throw RowRefused(.currency, "currency \(text(4)) is not in ISO 4217") }
        let customer = text(1).isEmpty ? nil : text(1)
        let line = OrderIntake.Line(
            sku: text(5), description: text(6), quantityMilli: try quantityMilli(text(7)), priceMicro: try priceMicro(text(8)))
        return OrderIntake(
            channel: channel(fields), externalID: text(0), kind: kind, customerNumber: customer,
            country: text(2), orderedOn: orderedOn, currency: currency, lines: [line])
    }
}

func quantityMilli(_ text: String) throws(RowRefused) -> Int64 {
    guard let quantity = DecimalNumber(text)?.units(atScale: 3) else {
        throw RowRefused(.quantity, "quantity \(text) is not a number of at most 3 decimals")
    }
    return quantity
}

func priceMicro(_ text: String) throws(RowRefused) -> Int64 {
    guard let price = DecimalNumber(text)?.units(atScale: 6) else {
        throw RowRefused(.price, "unit price \(text) is not a number of at most 6 decimals")
    }
    return price
}
