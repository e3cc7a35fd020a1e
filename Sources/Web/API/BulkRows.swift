import Domain
import Formats
import Operations

/// Rows of the files that `florin import` takes, as items of the API.
extension Bulk {
    /// Orders by their lines, as `florin import orders` reads them: an order with a row that cannot be taken is refused row by row.
    static func orderRows(_ path: String) throws -> [Line] {
        let file = try readOrders(path)
        let orders = zip(file.firstLines, file.orders).map { Line(line: $0, item: json($1)) }
        let refused = file.refusedRows.map { row in
            Line(
                line: row.line, item: ["number": .text(row.number), "channel": .text(row.channel)], fault: (row.reason.column, row.message))
        }
        return (orders + refused).sorted { $0.line < $1.line }
    }

    /// Customers, as `florin import customers` reads them. A column that is not there is left out, as is an empty cell of `terms_days`,
    /// `billing` and `cash_policy`; any other empty cell clears.
    static func customerRows(_ path: String) throws -> [Line] {
        var lines: [Line] = []
        try readRows(path, needed: CustomerRow.needed) { fields in
            let number = fields.optional("number") ?? "", named: JSON = ["number": .text(number)]
            do {
                let row = try CustomerRow(fields)
                if let fault = row.refusedAccounts.first { throw fault }
                lines.append(Line(line: fields.line, item: json(row.profile, fields)))
            } catch let fault as FieldFault {
                lines.append(Line(line: fields.line, item: named, fault: (fault.column, "\(fault.column): \(fault.message)")))
            }
        }
        return lines
    }

    static let receiptColumns = ["method", "number", "booked_on", "amount", "currency"]
    /// Texts of a receipt, each a column that may be left out, as may its cell.
    static let receiptTexts = ["payer_name", "payer_iban", "end_to_end_id", "mandate_id", "remittance"]

    /// Receipts, one a row; amounts have a decimal point and no grouping.
    static func receiptRows(_ path: String) throws -> [Line] {
        var lines: [Line] = []
        try readRows(path, needed: receiptColumns) { fields in
            let named: [JSON.Member] = ["method", "number"].map { .init($0, .text(fields.optional($0) ?? "")) }
            do {
                let currency = try fields.currency("currency"), amount = try fields.money(try fields.text("amount"), "amount", currency)
                let members = named + [.init("booked_on", JSON(try fields.day("booked_on"))), .init("amount", JSON(amount))]
                let texts = receiptTexts.compactMap { column in fields.optional(column).map { JSON.Member(column, .text($0)) } }
                lines.append(Line(line: fields.line, item: .object(members + texts)))
            } catch let fault as FieldFault {
                lines.append(Line(line: fields.line, item: .object(named), fault: (fault.column, "\(fault.column): \(fault.message)")))
            }
        }
        return lines
    }

    private static func json(_ order: OrderIntake) -> JSON {
        let lines = order.lines.map { line -> JSON in
            [
                "sku": .text(line.sku), "description": .text(line.description), "quantity_milli": .integer(line.quantityMilli),
                "price_micro": .integer(line.priceMicro),
            ]
        }
        return [
            "channel": .text(order.channel), "number": .text(order.externalID), "kind": .text(order.kind.rawValue),
            "customer_number": JSON(order.customerNumber), "country": .text(order.country), "ordered_on": JSON(order.orderedOn),
            "currency": .text(order.currency.code), "lines": .array(lines),
        ]
    }

    private static func json(_ profile: CustomerProfile, _ fields: RecordFields) -> JSON {
        var members: [JSON.Member] = [
            .init("number", .text(profile.number)), .init("name", .text(profile.name)), .init("country", .text(profile.country)),
            .init("currency", .text(profile.currency.code)),
        ]
        func add(_ name: String, _ value: JSON, when isSaid: Bool) { if isSaid { members.append(.init(name, value)) } }
        add("email", JSON(profile.email), when: fields.has("email"))
        add("vat_number", JSON(profile.vatNumber), when: fields.has("vat_number"))
        add("address", JSON(profile.address), when: fields.has("street"))
        add("terms_days", .integer(Int64(profile.termsDays)), when: fields.optional("terms_days") != nil)
        add("cash_discount", JSON(profile.discountTerms), when: fields.has("discount_percent"))
        add("credit_limit", JSON(profile.creditLimit), when: fields.has("credit_limit"))
        add("billing", .text(profile.billing.rawValue), when: fields.optional("billing") != nil)
        add("cash_policy", .text(profile.cashPolicy.rawValue), when: fields.optional("cash_policy") != nil)
        add("ibans", .array(profile.ibans.map(JSON.text)), when: fields.has("ibans"))
        add("mandates", .array(profile.mandates.map(JSON.text)), when: fields.has("mandates"))
        add("parent_number", JSON(profile.parentNumber), when: fields.has("parent"))
        return .object(members)
    }
}

extension JSON {
    init(_ money: Money?) { self = money.map { JSON($0) } ?? .null }
    init(_ address: PostalAddress?) {
        self = address.map { ["street": JSON($0.street), "postal_code": JSON($0.postalCode), "city": JSON($0.city)] } ?? .null
    }
    init(_ terms: DiscountTerms?) {
        self = terms.map { ["basis_points": .integer($0.basisPoints), "days": .integer(Int64($0.days))] } ?? .null
    }
}
