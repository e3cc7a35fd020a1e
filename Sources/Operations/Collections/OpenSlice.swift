import Domain
import Store

/// Sets a part of an open item apart: a dispute or a deduction until a person ends it, a promise until its day.
package struct OpenSlice: Sendable {
    private let entity: ID<Entity>
    private let document, reason, role: String
    private let kind: Slice.Kind
    private let amount: Money?
    private let dueOn: Day?
    private let code: ReasonCode?
    private let customerCode: String?
    private let on: Day

    /// - Parameters:
    ///   - kind: Instalments come by `AgreePlan`.
    ///   - amount: nil takes all of the document that nothing else stands on.
    ///   - dueOn: The day promised; only a promise has one.
    ///   - code: Our reason for a deduction; nil finds it by the customer's code. Given with one, the pair is remembered.
    ///   - customerCode: As the customer writes it.
    ///   - role: Who says so.
    package init(
        _ entity: ID<Entity>, document: String, _ kind: Slice.Kind, _ amount: Money? = nil, dueOn: Day? = nil, code: ReasonCode? = nil,
        customerCode: String? = nil, reason: String, role: String, on day: Day
    ) {
        precondition(kind != .instalment, "instalments are parts of a plan")
        (self.entity, self.document, self.kind, self.amount, self.dueOn) = (entity, document, kind, amount, dueOn)
        (self.code, self.customerCode, self.reason, self.role, on) = (code, customerCode, reason, role, day)
    }

    @discardableResult package func run(in tx: any Transaction, at now: Instant) throws -> ID<Slice> {
        guard !reason.isEmpty else { throw SliceRefusal.noReason }
        if kind.hasDay { guard let dueOn, AgreePlan.isDay(dueOn, from: on) else { throw SliceRefusal.dayMissing } }
        // Lock.
        var books = try Books(lock: entity, at: now, in: tx)
        // Read.
        let item = try SlicedItem(entity, document: document, in: tx)
        let amount = amount ?? item.free
        try item.accept(amount)
        let code = try kind == .deduction ? reasonCode(of: item.customer, &books, in: tx) : nil
        // Write.
        let slice = NewSlice(
            kind: kind, amount: amount, dueOn: kind.hasDay ? dueOn : nil, code: code, customerCode: kind == .deduction ? customerCode : nil,
            reason: reason, role: role, on: on)
        let id = books.append(slice, of: item)
        if let customerCode = slice.customerCode {
            try books.cover(.deductionCode, key: [.integer(item.customer.value), .text(customerCode)], tx)
        }
        try tx.run("UPDATE book SET slice_count = slice_count + 1 WHERE entity_id = \(entity)")
        try books.close(in: tx)
        return id
    }

    private func reasonCode(of customer: ID<Customer>, _ books: inout Books, in tx: any Transaction) throws -> ReasonCode {
        guard let customerCode else {
            guard let code else { throw SliceRefusal.unknownCode("") }
            return code
        }
        if let code {
            try MapDeductionCode.remember(customer, customerCode, code, on: on, &books, in: tx)
            return code
        }
        guard let code = try MapDeductionCode.meaning(entity, customer, customerCode, in: tx) else {
            throw SliceRefusal.unknownCode(customerCode)
        }
        return code
    }
}

/// Splits what a customer owes on a document into instalments, each due on its day.
package struct AgreePlan: Sendable {
    package struct Instalment: Equatable, Sendable {
        package let amount: Money
        package let dueOn: Day
        package init(_ amount: Money, dueOn: Day) { (self.amount, self.dueOn) = (amount, dueOn) }
    }
    package static let instalmentLimit = 60
    /// Nobody promises for a later century: such a day is a typing error.
    static let dayLimit = 36_500
    package static func isDay(_ day: Day, from on: Day) -> Bool { day >= on && day - on <= dayLimit }

    private let entity: ID<Entity>
    private let document, reason, role: String
    private let instalments: [Instalment]
    private let on: Day

    /// - Parameter instalments: At most `instalmentLimit`, each due today or later.
    package init(_ entity: ID<Entity>, document: String, _ instalments: [Instalment], reason: String, role: String, on day: Day) {
        (self.entity, self.document, self.instalments) = (entity, document, Array(instalments.prefix(Self.instalmentLimit)))
        (self.reason, self.role, on) = (reason, role, day)
    }

    /// Equal parts of what nothing stands on, a month apart, keeping the day of the month.
    package static func monthly(_ count: Int, of amount: Money, from first: Day) -> [Instalment] {
        amount.split(over: Array(repeating: 1, count: max(1, min(count, instalmentLimit)))).enumerated().map { at, part in
            Instalment(part, dueOn: first.adding(months: at, anchor: first.parts.day))
        }
    }

    package func run(in tx: any Transaction, at now: Instant) throws {
        guard !reason.isEmpty else { throw SliceRefusal.noReason }
        guard !instalments.isEmpty, instalments.allSatisfy({ Self.isDay($0.dueOn, from: on) }) else { throw SliceRefusal.dayMissing }
        // Lock.
        var books = try Books(lock: entity, at: now, in: tx)
        // Read.
        var item = try SlicedItem(entity, document: document, in: tx)
        // Write.
        var plan: ID<Slice>?
        for instalment in instalments {
            try item.accept(instalment.amount)
            let slice = NewSlice(
                kind: .instalment, amount: instalment.amount, dueOn: instalment.dueOn, plan: plan, reason: reason, role: role, on: on)
            let id = books.append(slice, of: item)
            plan = plan ?? id
            item.free = item.free - instalment.amount
        }
        try tx.run("UPDATE book SET slice_count = slice_count + \(instalments.count) WHERE entity_id = \(entity)")
        try books.close(in: tx)
    }
}

/// A document's open item, and what of it no slice stands on.
struct SlicedItem {
    let id: Int64
    let document: String
    let customer: ID<Customer>
    let open: Money
    var free: Money

    init(_ entity: ID<Entity>, document: String, in tx: any Transaction) throws {
        let found = try tx.first(
            """
            SELECT i.id, i.customer_id, i.open_minor, i.currency,
                   (SELECT CAST(COALESCE(SUM(s.open_minor), 0) AS BIGINT) FROM slice s WHERE s.entity_id = i.entity_id AND s.item_id = i.id)
              FROM invoice d JOIN open_item i ON i.entity_id = d.entity_id AND i.id = d.id
             WHERE d.entity_id = \(entity) AND d.number = \(document)
            """
        ) { row in
            let open = row.money(2, row.currency(3))
            return (row.integer(0), row.id(1) as ID<Customer>, open, open - row.money(4, row.currency(3)))
        }
        guard let found else { throw SliceRefusal.unknownDocument(document) }
        (id, customer, open, free) = found
        self.document = document
        guard open.minor > 0 else { throw SliceRefusal.settled(document) }
    }

    /// Refuses what is no part of it.
    func accept(_ amount: Money) throws {
        guard amount.currency == open.currency, amount.minor > 0 || free.minor == 0 else { throw SliceRefusal.notAnAmount }
        guard amount.minor > 0, amount <= free else { throw SliceRefusal.aboveFree(document, free: free) }
    }
}

struct NewSlice {
    let kind: Slice.Kind
    let amount: Money
    var dueOn: Day?
    /// The first instalment of its plan; nil when it is that itself.
    var plan: ID<Slice>?
    var code: ReasonCode?
    var customerCode: String?
    let reason: String
    let role: String
    let on: Day
}

extension Books {
    fileprivate mutating func append(_ slice: NewSlice, of item: SlicedItem) -> ID<Slice> {
        let id: ID<Slice> = newID()
        append(.slice) { batch in
            batch.append(id.value)
            batch.append(item.id)
            batch.append(item.customer.value)
            batch.append(slice.kind.rawValue)
            batch.append(slice.amount.currency.code)
            batch.append(slice.amount.minor)
            batch.append(slice.amount.minor)
            batch.append(slice.on.iso8601)
            batch.append(slice.dueOn?.iso8601)
            batch.append(slice.kind == .instalment ? (slice.plan ?? id).value : nil as Int64?)
            batch.append(slice.code?.rawValue)
            batch.append(slice.customerCode)
            batch.append(slice.reason)
            batch.append(slice.role)
        }
        return id
    }
}
