import Domain
import Store

/// A business "no" of the ledger.
package enum LedgerRefusal: Refusal {
    case unknownEntity(ID<Entity>)
    case periodClosed(Day, through: Day)
    case periodRuns(Day)
    case beyondBounds(Currency)

    package var category: RefusalCategory {
        switch self {
        case .unknownEntity: .missing
        case .periodClosed, .beyondBounds: .conflict
        case .periodRuns: .invalid
        }
    }
    package var code: String {
        switch self {
        case .unknownEntity: "entity_not_found"
        case .periodClosed: "period_closed"
        case .periodRuns: "period_runs"
        case .beyondBounds: "amount_beyond_bounds"
        }
    }
    package var message: String {
        switch self {
        case .unknownEntity(let entity): "legal entity \(entity.value) does not exist; create it first"
        case .periodClosed(let day, let through):
            "\(day.iso8601) lies in a closed period (closed through \(through.iso8601)); use a later day"
        case .periodRuns(let day): "\(day.iso8601) is not over; a period is closed through a day before today"
        case .beyondBounds(let currency):
            "with this, what was ever booked in \(currency.code) would pass 10^18 minor units, the most that books hold; look for an amount that is mistaken"
        }
    }
}

/// The books of one legal entity, open for one operation: the only way to write ledger facts.
///
/// Opening locks the entity's book; everything that follows in the transaction is alone on this entity. Closing writes the
/// facts in bulk, updates the kept sums, lets the database refuse unbalanced books, and seals the facts into the chain.
package struct Books {
    let entity: ID<Entity>
    package let recordedAt: Instant
    /// ISO 3166-1 alpha-2.
    let country: String
    private let previousID: Int64
    private let firstID: Int64
    private var lastID: Int64
    private let head: [UInt8]
    let closedThrough: Day?
    /// Whether nothing was sealed yet.
    private let isFirst: Bool
    /// How many slices were ever opened: without any, settling asks for none.
    private let sliceCount: Int64
    private var sliceMoves = SliceMoves()
    private var batches = Self.emptyBatches
    /// How far each table's rows are sent already.
    private var sent = [RowBatch.Mark](repeating: .beginning, count: FactTable.allCases.count)
    private var sums = KeptSums()
    /// How records were left by the operation.
    var recordChecks: [MasterRecord: RecordChecks] = [:]

    /// - Parameters:
    ///   - now: The instant the facts become known; moved on by a microsecond when the last seal is not older.
    ///   - questions: What the operation is about to read; asked with the book, once it is locked.
    package init(lock entity: ID<Entity>, at now: Instant, in tx: any Transaction, asking questions: () -> [SQL] = { [] }) throws {
        let lock = Self.locked(entity)
        try tx.ask { [lock] + questions() }
        let row = try tx.first(lock) {
            ($0.integer(0), $0.integer(1), $0.bytes(2), $0.integer(3), $0.optionalDay(4), $0.text(5))
        }
        guard let (last, sealedAt, head, sliceCount, closedThrough, country) = row else {
            throw LedgerRefusal.unknownEntity(entity)
        }
        (self.entity, self.country, self.closedThrough) = (entity, country, closedThrough)
        self.head = head
        isFirst = sealedAt == 0
        self.sliceCount = sliceCount
        recordedAt = Instant(microseconds: max(now.microseconds, sealedAt + 1))
        previousID = last
        firstID = max(last + 1, firstIDInSecond(of: recordedAt))
        lastID = firstID - 1
    }

    // The row that is locked is the row that is read: another server may have written while this one waited.
    private static func locked(_ entity: ID<Entity>) -> SQL {
        """
        SELECT last_id, sealed_at, head, slice_count, closed_through,
               (SELECT e.country FROM entity e WHERE e.entity_id = book.entity_id)
          FROM book WHERE entity_id = \(entity) §locked
        """
    }

    /// Locks the book as opening it does, for what reads before it knows whether there is anything to open it for.
    static func lock(_ entity: ID<Entity>, in tx: any Transaction) throws { try tx.run(locked(entity)) }

    /// The next id of this entity; every noun draws from the same sequence.
    package mutating func newID<Of>() -> ID<Of> {
        lastID += 1
        return ID(lastID)
    }

    /// The last id that was recorded before these books were opened.
    var knownThrough: Int64 { previousID }

    /// `day`, or the first day after the closed periods when it lies in one.
    func openDay(_ day: Day) -> Day { closedThrough.map { max(day, $0 + 1) } ?? day }

    /// Records one journal entry.
    ///
    /// - Parameter postings: Debit positive, credit negative; they add up to zero in each currency, or this traps.
    package mutating func post(
        _ id: ID<JournalEntry>, on effectiveOn: Day, kind: String, memo: String, reverses: ID<JournalEntry>? = nil, _ postings: [Posting]
    ) throws {
        if let closedThrough, effectiveOn <= closedThrough { throw LedgerRefusal.periodClosed(effectiveOn, through: closedThrough) }
        precondition(isBalanced(postings), "an entry's postings add up to zero in each currency")
        append(.journalEntry) { batch in
            batch.append(id.value)
            batch.append(effectiveOn.iso8601)
            batch.append(kind)
            batch.append(memo)
            batch.append(reverses?.value)
        }
        for (line, posting) in postings.enumerated() {
            append(.posting) { batch in
                batch.append(id.value)
                batch.append(Int64(line + 1))
                batch.append(posting.account.rawValue)
                batch.append(posting.customer?.value)
                batch.append(posting.amount.currency.code)
                batch.append(posting.amount.minor)
            }
            sums.add(posting, on: effectiveOn)
        }
    }

    /// Records an open item. Its id is that of its document and of the journal entry that put it on the control account.
    @discardableResult package mutating func add(_ item: NewOpenItem) -> OpenItem {
        precondition(item.account.isControl && item.amount.minor != 0)
        append(.openItem) { batch in
            batch.append(item.id)
            batch.append(item.kind.rawValue)
            batch.append(item.account.rawValue)
            batch.append(item.customer?.value)
            batch.append(item.number)
            batch.append(item.effectiveOn.iso8601)
            batch.append(item.dueOn.iso8601)
            batch.append(item.amount.currency.code)
            batch.append(item.amount.minor)
            batch.append(item.amount.minor)
        }
        if sliceCount > 0, item.amount.minor < 0 { sliceMoves.note(item) }
        sums.add(item, writtenAt: batches[FactTable.openItem.rawValue].bytes.count - MemoryLayout<Int64>.size)
        return OpenItem(item)
    }

    /// Settles `amount` of a debit item with a credit item.
    ///
    /// - Parameters:
    ///   - debit, credit: As read under this lock; the caller passes each with what earlier calls left of it.
    ///   - amount: Above zero and at most what either has left, or this traps.
    ///   - effectiveOn: The day wanted; neither item is settled before it came to be, nor in a closed period.
    ///   - settlement: Which slices of the debit it takes first; nil goes by what the credit is.
    package mutating func allocate(
        _ debit: inout OpenItem, with credit: inout OpenItem, _ amount: Money, on effectiveOn: Day, rule: String,
        as settlement: Settlement? = nil
    ) {
        precondition(amount.minor > 0 && amount <= debit.open && amount <= -credit.open, "an allocation never exceeds what is open")
        let effectiveOn = openDay(max(effectiveOn, debit.effectiveOn, credit.effectiveOn))
        lastID += 1
        let id = lastID
        append(.allocation) { batch in
            batch.append(id)
            batch.append(debit.id)
            batch.append(credit.id)
            batch.append(amount.minor)
            batch.append(effectiveOn.iso8601)
            batch.append(rule)
            batch.appendNull()
        }
        if sliceCount > 0 {
            sliceMoves.append(
                .init(
                    allocation: id, debit: debit.id, credit: credit.id, amount: amount.minor, open: debit.open.minor, on: effectiveOn,
                    settlement: settlement, rule: rule))
        }
        sums.settle(&debit, by: -amount)
        sums.settle(&credit, by: amount)
        sums.touch(amount.currency, on: effectiveOn)
    }

    /// Takes an allocation back: both items are open again by its amount, from its own day on at the earliest.
    package mutating func unallocate(
        _ allocation: AllocatedAmount, _ debit: inout OpenItem, _ credit: inout OpenItem, on effectiveOn: Day, rule: String
    ) {
        let effectiveOn = openDay(max(effectiveOn, allocation.effectiveOn)), amount = allocation.amount
        let id: ID<Allocation> = newID()
        append(.allocation) { batch in
            batch.append(id.value)
            batch.append(debit.id)
            batch.append(credit.id)
            batch.append(-amount.minor)
            batch.append(effectiveOn.iso8601)
            batch.append(rule)
            batch.append(allocation.id.value)
        }
        if sliceCount > 0 {
            sliceMoves.append(
                .init(
                    allocation: id.value, reverses: allocation.id.value, debit: debit.id, credit: credit.id, amount: amount.minor,
                    open: debit.open.minor, on: effectiveOn, rule: rule))
        }
        debit.effectiveOn = max(debit.effectiveOn, effectiveOn)
        credit.effectiveOn = max(credit.effectiveOn, effectiveOn)
        sums.settle(&debit, by: amount)
        sums.settle(&credit, by: -amount)
        sums.touch(amount.currency, on: effectiveOn)
    }

    /// Writes and seals everything; the database refuses books that do not balance. Without facts there is nothing to seal.
    package func close(in tx: any Transaction) throws {
        var books = self
        if !sliceMoves.isEmpty { try books.moveSlices(sliceMoves, in: tx) }
        try books.appendRecordChecks(in: tx)
        try books.seal(in: tx)
    }

    /// The first seal holds whose books they are, too.
    private mutating func appendRecordChecks(in tx: any Transaction) throws {
        if isFirst, !recordChecks.isEmpty || batches.contains(where: { !$0.isEmpty }) { try cover(.entity, key: [], tx) }
        guard !recordChecks.isEmpty else { return }
        for record in MasterRecord.allCases {
            guard let checks = recordChecks[record] else { continue }
            let id: ID<MasterRecord> = newID()
            append(.recordCheck) { batch in
                batch.append(id.value)
                batch.append(record.rawValue)
                batch.append(checks.bytes)
            }
        }
    }

    private func seal(in tx: any Transaction) throws {
        guard batches.contains(where: { !$0.isEmpty }) else {
            if lastID >= firstID { try tx.run("UPDATE book SET last_id = \(lastID) WHERE entity_id = \(entity)") }
            return
        }
        var digest = SealDigest()
        var batches = batches
        sums.finish(&batches[FactTable.openItem.rawValue])
        for (table, batch) in zip(FactTable.allCases, batches) {
            try tx.insert(batch.rows(since: sent[table.rawValue]))
            digest.add(table, batch)
        }
        try staysInBounds(tx)
        try sums.write(entity, in: tx)
        let hash = digest.hash(entity: entity, previous: head, firstID: firstID, lastID: lastID, recordedAt: recordedAt)
        try tx.run(
            """
            INSERT INTO seal (entity_id, last_id, first_id, recorded_at, row_checks, hash)
            VALUES (\(entity), \(lastID), \(firstID), \(recordedAt), \(digest.rowChecks), \(hash))
            """)
        try tx.run(
            """
            UPDATE book SET seal_count = seal_count + 1, last_id = \(lastID), sealed_at = \(recordedAt), head = \(hash) \
            WHERE entity_id = \(entity)
            """
        )
    }

    /// Only who books much can come near the bound: so many units need a thousand million operations.
    private static let muchMinor: Int64 = 1_000_000_000

    /// What was ever debited in a currency stays within `Money.bound`, so that no report's sum passes it.
    private func staysInBounds(_ tx: any Transaction) throws {
        guard sums.currency(beyond: Self.muchMinor) != nil else { return }
        let turnover = try tx.first("SELECT COALESCE(MAX(debit_minor), 0) FROM proof WHERE entity_id = \(entity)") { $0.integer(0) } ?? 0
        if let currency = sums.currency(beyond: Money.bound - turnover) { throw LedgerRefusal.beyondBounds(currency) }
    }

    private static let emptyBatches = FactTable.allCases.map { RowBatch($0.table) }

    /// Sends what rows there are of tables whose rows stay as they are: the database writes them while the operation goes on deciding.
    mutating func send(_ tables: [FactTable], in tx: any Transaction) throws {
        for table in tables {
            precondition(table != .openItem, "what is open of an item is known when the books close")
            let batch = batches[table.rawValue]
            try tx.insert(batch.rows(since: sent[table.rawValue]))
            sent[table.rawValue] = batch.end
        }
    }

    /// Appends one row; `row` gives every column after `entity_id`, in the table's order.
    mutating func append(_ table: FactTable, _ row: (inout RowBatch) -> Void) {
        if batches[table.rawValue].isEmpty { batches[table.rawValue].reserve(512) }
        batches[table.rawValue].append(entity.value)
        row(&batches[table.rawValue])
    }
}

/// An allocation as it stands, before it is taken back.
package struct AllocatedAmount: Equatable, Sendable {
    package let id: ID<Allocation>
    package let amount: Money
    package let effectiveOn: Day
    package init(id: ID<Allocation>, amount: Money, effectiveOn: Day) {
        (self.id, self.amount, self.effectiveOn) = (id, amount, effectiveOn)
    }
}

/// Ids carry their second, so that they never repeat after a restore: seconds since 2020-01-01 in the upper bits, 65,536 ids
/// a second in the lower ones. A batch that needs more runs ahead of the clock.
func firstIDInSecond(of instant: Instant) -> Int64 {
    max(1, (instant.microseconds / 1_000_000 - 1_577_836_800) << 16)
}
