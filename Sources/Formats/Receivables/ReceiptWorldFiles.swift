import Domain

/// Reads a world from a folder of `customers.csv`, `open_items.csv`, `receipts.csv` and, where it is there, `truth.csv`.
///
/// - Shape: UTF-8, RFC 4180, a header line, plain or gzipped with `.gz` behind the name; columns are found by name; money in minor units, credits
///   negative, zero for what is settled; ISO days; empty is unknown.
/// - Errors: `FileFault` naming file, line and column.
package struct ReceiptWorldFiles {
    package private(set) var world = ReceiptWorld()
    package private(set) var hasTruth = false
    /// The file's own ids, by position.
    package private(set) var itemIDs: [String] = []
    package private(set) var receiptIDs: [String] = []
    /// What was read as empty or not at all, in words: columns that are missing or not known, receipts out of order.
    package private(set) var notes: [String] = []
    private var customers: [String: Int] = [:]
    private var items: [String: Int64] = [:]

    package init(folder: String, hasFile: (String) -> Bool) throws {
        func path(_ name: String) -> String {
            let plain = "\(folder)/\(name).csv"
            return !hasFile(plain) && hasFile("\(plain).gz") ? "\(plain).gz" : plain
        }
        try readCustomers(path("customers"))
        try readItems(path("open_items"))
        try readReceipts(path("receipts"))
        let truth = path("truth")
        hasTruth = hasFile(truth)
        if hasTruth { try readTruth(truth) }
        customers.removeAll()
        items.removeAll()
    }

    private mutating func readCustomers(_ path: String) throws {
        var parents: [(customer: Int, parent: String)] = []
        var rows: [(id: String, name: String, ibans: [String])] = []
        let found = try readRows(path, ["customer_id", "name", "country", "parent_id", "ibans"]) { row in
            let id = try row.text(0)
            guard customers.updateValue(rows.count + 1, forKey: id) == nil else { throw row.fault(0, "\(id) comes twice") }
            if let parent = row.optional(3) { parents.append((rows.count, parent)) }
            rows.append((id, row.optional(1) ?? "", (row.optional(4) ?? "").uppercased().split(separator: " ").map(String.init)))
        }
        notes += found
        var parentOf = [Int?](repeating: nil, count: rows.count)
        var unknown = 0
        for (customer, parent) in parents {
            if let at = customers[parent] { parentOf[customer] = at } else { unknown += 1 }
        }
        if unknown > 0 { notes.append("\(path): \(unknown) parent_id are no customer_id of this file: taken as empty") }
        world.customers = zip(rows, parentOf).map { .init(name: $0.name, number: $0.id, parent: $1, ibans: $0.ibans) }
    }

    private mutating func readItems(_ path: String) throws {
        let columns = [
            "item_id", "customer_id", "kind", "number", "order_number", "purchase_order", "issued_on", "due_on", "currency", "open_minor",
            "discount_minor",
            "discount_until", "end_to_end_id",
        ]
        let found = try readRows(path, columns) { row in
            let id = try row.text(0), owner = try row.text(1), currency = try row.currency(8)
            guard let customer = customers[owner] else { throw row.fault(1, "\(owner) is no customer_id of customers.csv") }
            let open = try row.integer(9), issuedOn = try row.optionalDay(6) ?? Day(number: 0)
            var discount: CashDiscount?
            if let minor = try row.optionalInteger(10), minor > 0, let until = try row.optionalDay(11) {
                discount = CashDiscount(minor: minor, until: until)
            }
            let at = Int64(world.items.count + 1)
            guard items.updateValue(at, forKey: id) == nil else { throw row.fault(0, "\(id) comes twice") }
            itemIDs.append(id)
            let item = OpenItem(
                id: at, number: row.optional(3) ?? id, effectiveOn: issuedOn, dueOn: try row.optionalDay(7) ?? issuedOn,
                open: Money(minor: open, currency),
                discount: discount)
            world.items.append(
                .init(
                    item, customer: ID(Int64(customer)), amount: item.open, orderNumber: row.optional(4), purchaseOrder: row.optional(5),
                    endToEndID: row.optional(12)))
        }
        notes += found
    }

    private mutating func readReceipts(_ path: String) throws {
        let columns = [
            "receipt_id", "booked_on", "value_on", "currency", "amount_minor", "payer_name", "payer_iban", "end_to_end_id",
            "structured_reference", "remittance",
        ]
        var isOrdered = true, notPaid = 0
        let found = try readRows(path, columns) { row in
            receiptIDs.append(try row.text(0))
            let bookedOn = try row.day(1), amount = Money(minor: try row.integer(4), try row.currency(3))
            if amount.minor <= 0 { notPaid += 1 }
            isOrdered = isOrdered && world.receipts.last.map { $0.bookedOn <= bookedOn } ?? true
            world.receipts.append(
                .init(
                    bookedOn: bookedOn, valueOn: try row.optionalDay(2) ?? bookedOn, amount: amount,
                    words: PayerWords(
                        name: row.optional(5), iban: row.optional(6).map { $0.uppercased().filter { $0 != " " } },
                        endToEndID: row.optional(7),
                        structuredReference: row.optional(8), remittance: row.optional(9) ?? ""),
                    truths: 0..<0))
        }
        notes += found
        if notPaid > 0 { notes.append("\(path): \(notPaid) amounts are not above zero: no receipts, and left to a person") }
        if !isOrdered { notes.append("\(path): the receipts are not in booking order; they are decided in the order of the file") }
    }

    private mutating func readTruth(_ path: String) throws {
        var positions: [String: Int] = [:]
        for (at, id) in receiptIDs.enumerated() where positions.updateValue(at, forKey: id) != nil {
            throw FileFault(path: path, "receipt_id \(id) comes twice in receipts.csv")
        }
        var rows: [(receipt: Int, truth: ReceiptWorld.Truth)] = []
        let found = try readRows(path, ["receipt_id", "item_id", "settled_minor", "cash_minor", "reason"]) { row in
            let id = try row.text(0), reasonText = try row.text(4)
            guard let receipt = positions[id] else { throw row.fault(0, "\(id) is no receipt_id of receipts.csv") }
            guard let reason = ReceiptWorld.Reason(rawValue: reasonText) else { throw row.fault(4, "\(reasonText) is no reason") }
            var item: Int64?
            if let name = row.optional(1) {
                guard let known = items[name] else { throw row.fault(1, "\(name) is no item_id of open_items.csv") }
                item = known
            }
            rows.append(
                (
                    receipt,
                    .init(
                        item: item, settledMinor: try row.optionalInteger(2) ?? 0, cashMinor: try row.optionalInteger(3) ?? 0,
                        reason: reason)
                ))
        }
        notes += found
        if !zip(rows, rows.dropFirst()).allSatisfy({ $0.receipt <= $1.receipt }) {
            rows = rows.enumerated().sorted { ($0.element.receipt, $0.offset) < ($1.element.receipt, $1.offset) }.map(\.element)
        }
        world.truths = rows.map(\.truth)
        var at = 0
        for receipt in world.receipts.indices {
            let from = at
            while at < rows.count, rows[at].receipt == receipt { at += 1 }
            world.receipts[receipt].truths = from..<at
        }
    }
}

/// One row's fields, by their place among the columns asked for.
private struct WorldRow {
    let path: String
    let columns: [String]
    let places: [Int?]
    let record: CSVRecord
    var line: Int { record.line }

    func fault(_ column: Int, _ message: String) -> FileFault { FileFault(path: path, line: line, "\(columns[column]): \(message)") }
    func optional(_ column: Int) -> String? {
        guard let place = places[column], place < record.fields.count, !record.fields[place].isEmpty else { return nil }
        return record.fields[place]
    }
    func text(_ column: Int) throws -> String {
        guard let text = optional(column) else { throw fault(column, "is empty") }
        return text
    }
    func optionalInteger(_ column: Int) throws -> Int64? {
        guard let text = optional(column) else { return nil }
        guard let value = Int64(text), value.magnitude <= Money.entryBound.magnitude else {
            throw fault(column, "\(text) is no whole number of minor units")
        }
        return value
    }
    func integer(_ column: Int) throws -> Int64 {
        guard let value = try optionalInteger(column) else { throw fault(column, "is empty") }
        return value
    }
    func optionalDay(_ column: Int) throws -> Day? {
        guard let text = optional(column) else { return nil }
        guard let day = Day(text) else { throw fault(column, "\(text) is no day; write YYYY-MM-DD") }
        return day
    }
    func day(_ column: Int) throws -> Day {
        guard let day = try optionalDay(column) else { throw fault(column, "is empty") }
        return day
    }
    func currency(_ column: Int) throws -> Currency {
        let text = try text(column)
        guard let currency = Currency(text.uppercased()) else { throw fault(column, "\(text) is no ISO 4217 code") }
        return currency
    }
}

private func readRows(_ path: String, _ columns: [String], _ each: (WorldRow) throws -> Void) throws -> [String] {
    var places: [Int?]?, notes: [String] = []
    try readCSV(path) { record in
        if let places { return try each(WorldRow(path: path, columns: columns, places: places, record: record)) }
        let header = CSVHeader(record, path: path)
        _ = try header.indices(of: [columns[0]])
        places = columns.map { header.index(of: $0) }
        let missing = columns.filter { header.index(of: $0) == nil }, unknown = header.names.filter { !columns.contains($0) }
        if !missing.isEmpty { notes.append("\(path): no column \(missing.joined(separator: ", ")): taken as empty") }
        if !unknown.isEmpty { notes.append("\(path): column \(unknown.joined(separator: ", ")) is not known: not read") }
    }
    guard places != nil else { throw FileFault(path: path, "is empty: the first line must name the columns") }
    return notes
}
