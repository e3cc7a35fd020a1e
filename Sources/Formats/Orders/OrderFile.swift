import Domain

/// What a file of order lines holds: every row is either in an order or refused.
package struct OrderFile: Equatable, Sendable {
    /// Grouped by channel and order number, in the order in which the file first names them.
    package var orders: [OrderIntake] = []
    /// The line on which each of the orders begins.
    package var firstLines: [Int] = []
    /// Rows below the header.
    package var rowCount = 0
    /// Different order numbers in the file, those of refused rows included.
    package var orderNumberCount = 0
    /// In the order of the file.
    package var refusedRows: [RefusedRow] = []
    /// One per refused row: its line and why.
    package var refused: [Finding] { refusedRows.map { Finding(line: $0.line, $0.message) } }
    package var refusedCounts: [RowRefused.Reason: Int] = [:]
    /// Of the rows in orders.
    package var totals: [Currency: OrderTotals] = [:]
    /// Whether a refused row refuses all of its order; false where each row is a fact of its own.
    package var refusesWholeOrders = false
}

/// A row that is in no order.
package struct RefusedRow: Equatable, Sendable {
    package let line: Int
    /// What it says the order's number and channel are; empty where it says none.
    package let number, channel: String
    package let reason: RowRefused.Reason
    package let message: String
}

/// Sums of quantity × unit price.
///
/// - Units: millionths of the currency's major unit, exact up to rows with fractional quantities, then half away from zero.
package struct OrderTotals: Equatable, Sendable {
    private var nano: [OrderIntake.Kind: Int128] = [:]

    /// - Bounds: traps above nine trillion major units.
    package var salesMicro: Int64 { micro(nano[.sale] ?? 0) }
    package var cancellationsMicro: Int64 { micro(nano[.cancellation] ?? 0) }
    package var adjustmentsMicro: Int64 { micro(nano[.adjustment] ?? 0) }
    package var netMicro: Int64 { micro(nano.values.reduce(0, +)) }

    mutating func add(_ line: OrderIntake.Line, of kind: OrderIntake.Kind) { nano[kind, default: 0] += line.amountNano }

    private func micro(_ nano: Int128) -> Int64 {
        guard let micro = quotient(nano, 1000, .halfAwayFromZero) else { preconditionFailure("total out of bounds") }
        return micro
    }
}

/// Why a row is in no order.
package struct RowRefused: Error, Sendable {
    package enum Reason: String, CaseIterable, Sendable {
        case columns, orderNumber = "order_number", kind, customer, country, date, currency, sku, quantity, price, amount
        /// A negative quantity outside a cancellation: stock moved, nobody ordered.
        case stockMovement = "stock_movement"
        /// The row says something else about its order than the rows before.
        case contradiction
        /// Another row of its order is refused.
        case incompleteOrder = "incomplete_order"

        /// The column of Florin's own file that is at fault; nil where the row as a whole is.
        package var column: String? {
            switch self {
            case .columns: nil
            case .orderNumber, .contradiction, .incompleteOrder: "order_id"
            case .kind, .customer, .country, .currency, .sku: rawValue
            case .date: "ordered_on"
            case .price: "unit_price"
            case .quantity, .amount, .stockMovement: "quantity"
            }
        }
    }
    package let reason: Reason
    package let message: String
    init(_ reason: Reason, _ message: String) { (self.reason, self.message) = (reason, message) }
}

/// Reads a file of order lines; the header tells whose it is.
///
/// - Shape: Florin's own columns (`florinOrders`) or UCI Online Retail (`onlineRetail`); plain or gzipped CSV.
/// - Errors: `FileFault` when the columns are neither or the CSV is broken; a bad row never stops the other orders. In Florin's own columns
///   an order with a bad row is refused whole; in UCI Online Retail each row stands for itself.
package func readOrders(_ path: String) throws -> OrderFile {
    var gathering: OrderGathering?
    try readCSV(path) { record in
        if gathering == nil {
            gathering = OrderGathering(try orderMapping(CSVHeader(record, path: path)))
        } else {
            gathering?.add(record)
        }
    }
    guard let gathering else { throw FileFault(path: path, "is empty: the first line must name the columns") }
    return gathering.whole
}

/// How one shape of file says what an order line is.
struct OrderMapping {
    let columnCount: Int
    let numberColumn: Int
    /// Whether a refused row refuses its order; where each row is a fact of its own, it leaves the order standing.
    let refusesWholeOrders: Bool
    /// The channel that a row names, however many columns it has; empty where it ends before.
    let channel: ([String]) -> String
    /// An order of one line.
    let order: ([String]) throws(RowRefused) -> OrderIntake
}

private func orderMapping(_ header: CSVHeader) throws(FileFault) -> OrderMapping {
    header.index(of: "InvoiceNo") != nil ? try onlineRetail(header) : try florinOrders(header)
}

private struct OrderGathering {
    private struct Key: Hashable {
        let channel, number: ExactText
        init(_ channel: String, _ number: String) { (self.channel, self.number) = (ExactText(channel), ExactText(number)) }
    }

    private let mapping: OrderMapping
    private var file = OrderFile()
    private var positions: [Key: Int] = [:]
    private var numbers: Set<ExactText> = []
    /// The lines of each order's rows, and the first refused row of orders that are refused whole; the channel of a row with too many or
    /// too few columns is not known.
    private var lines: [[Int]] = []
    private var refusedAt: [Key: Int] = [:]
    private var refusedInAnyChannel: [ExactText: Int] = [:]

    init(_ mapping: OrderMapping) {
        self.mapping = mapping
        file.refusesWholeOrders = mapping.refusesWholeOrders
    }

    mutating func add(_ record: CSVRecord) {
        file.rowCount += 1
        do throws(RowRefused) {
            guard record.fields.count == mapping.columnCount else {
                throw RowRefused(.columns, "\(record.fields.count) columns where the header has \(mapping.columnCount)")
            }
            if numbers.insert(ExactText(record.fields[mapping.numberColumn])).inserted { file.orderNumberCount += 1 }
            let order = try mapping.order(record.fields)
            try order.check()
            try join(order, line: record.line)
        } catch {
            let number = mapping.numberColumn < record.fields.count ? record.fields[mapping.numberColumn].trimmed : ""
            refuse(record.line, number, mapping.channel(record.fields), error)
            noteRefused(record)
        }
    }

    private mutating func refuse(_ line: Int, _ number: String, _ channel: String, _ reason: RowRefused) {
        file.refusedRows.append(RefusedRow(line: line, number: number, channel: channel, reason: reason.reason, message: reason.message))
        file.refusedCounts[reason.reason, default: 0] += 1
    }

    private mutating func noteRefused(_ record: CSVRecord) {
        guard mapping.refusesWholeOrders, mapping.numberColumn < record.fields.count else { return }
        let number = record.fields[mapping.numberColumn].trimmed
        if record.fields.count == mapping.columnCount {
            let key = Key(mapping.channel(record.fields), number)
            refusedAt[key] = refusedAt[key] ?? record.line
        } else {
            refusedInAnyChannel[number] = refusedInAnyChannel[number] ?? record.line
        }
    }

    /// The file without the orders that are refused whole.
    var whole: OrderFile {
        var gathered = self
        gathered.file.firstLines = gathered.lines.map { $0[0] }
        gathered.refuseOrders()
        for order in gathered.file.orders {
            for line in order.lines { gathered.file.totals[order.currency, default: OrderTotals()].add(line, of: order.kind) }
        }
        return gathered.file
    }

    private mutating func refuseOrders() {
        guard !refusedAt.isEmpty || !refusedInAnyChannel.isEmpty else { return }
        var standing: [OrderIntake] = [], firstLines: [Int] = []
        for (at, order) in file.orders.enumerated() {
            let key = Key(order.channel, order.externalID)
            guard let refused = refusedAt[key] ?? refusedInAnyChannel[order.externalID] else {
                standing.append(order)
                firstLines.append(lines[at][0])
                continue
            }
            let reason = RowRefused(
                .incompleteOrder, "order \(order.externalID) is refused whole, because its line \(refused) of the file is")
            for line in lines[at] { refuse(line, order.externalID, order.channel, reason) }
        }
        (file.orders, file.firstLines) = (standing, firstLines)
        file.refusedRows.sort { $0.line < $1.line }
    }

    private mutating func join(_ order: OrderIntake, line: Int) throws(RowRefused) {
        let key = Key(order.channel, order.externalID)
        guard let position = positions[key] else {
            positions[key] = file.orders.count
            file.orders.append(order)
            lines.append([line])
            return
        }
        let known = file.orders[position]
        func agree<Value: Equatable>(_ what: String, _ old: Value, _ new: Value, _ text: (Value) -> String) throws(RowRefused) {
            guard old != new else { return }
            throw RowRefused(.contradiction, "order \(order.externalID) has \(what) \(text(old)), this row \(text(new))")
        }
        try agree("kind", known.kind, order.kind) { $0.rawValue }
        try agree("customer", known.customerNumber, order.customerNumber) { $0 ?? "none" }
        try agree("country", known.country, order.country) { $0 }
        try agree("currency", known.currency, order.currency) { $0.code }
        file.orders[position].lines += order.lines
        lines[position].append(line)
    }
}

extension OrderIntake.Line {
    /// Quantity × price in 10^-9 of the major unit.
    var amountNano: Int128 { Int128(quantityMilli) * Int128(priceMicro) }
}

extension OrderIntake {
    fileprivate func check() throws(RowRefused) {
        guard !externalID.isEmpty else { throw RowRefused(.orderNumber, "no order number") }
        for line in lines {
            let quantity = line.quantityMilli
            guard !line.sku.isEmpty else { throw RowRefused(.sku, "order \(externalID): no article number") }
            guard quantity != 0 else { throw RowRefused(.quantity, "order \(externalID): the quantity is zero") }
            if kind == .cancellation {
                guard quantity < 0 else {
                    throw RowRefused(.quantity, "cancellation \(externalID): the quantity is not negative")
                }
            } else {
                guard quantity > 0 else {
                    throw RowRefused(.stockMovement, "order \(externalID): a negative quantity, but it is no cancellation")
                }
            }
            guard line.priceMicro >= 0 || kind == .adjustment else {
                throw RowRefused(.price, "order \(externalID): a negative price, but it is no adjustment")
            }
            let bound = Int128(Money.entryBound) * Int128(powerOfTen(9 - currency.exponent))
            guard line.amountNano.magnitude <= bound.magnitude else {
                throw RowRefused(.amount, "order \(externalID): quantity × price is above the largest amount that may be entered")
            }
        }
    }
}
