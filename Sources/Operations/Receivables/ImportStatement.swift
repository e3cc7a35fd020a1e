import Crypto
import Domain
import Store

/// Books what a bank statement says: each entry once, however often and in however many files the bank sends it.
///
/// A statement comes in chunks, one transaction each; a chunk that was booked before changes nothing, so a broken import is simply
/// repeated.
package struct ImportStatement: Sendable {
    package struct Summary: Sendable {
        package var header: StatementHeader
        /// SHA-256 of the file, hexadecimal.
        package var fileDigest: String
        package var currency: Currency
        package var opening: Money?
        package var closing: Money?
        package var findings: [Finding]
        /// The day through which the bank account is known after this statement.
        package var throughOn: Day
        /// The first day on which an entry of the statement is booked; nil when none is.
        package var fromOn: Day?
        package init(
            header: StatementHeader, fileDigest: String, currency: Currency, opening: Money?, closing: Money?, findings: [Finding],
            throughOn: Day, fromOn: Day? = nil
        ) {
            (self.header, self.fileDigest, self.currency, self.opening, self.closing) = (header, fileDigest, currency, opening, closing)
            (self.findings, self.throughOn, self.fromOn) = (findings, throughOn, fromOn)
        }
    }

    package struct Report: Equatable, Sendable {
        package var entries = 0
        package var known = 0
        package var receipts = 0
        package var returns = 0
        /// Receipts that were not ours, and that a transfer of ours gave back.
        package var givenBack = 0
        /// Receipts known before whose payers or payments are told now.
        package var retold = 0
        package var debits = 0
        /// Pending and information entries: they move no money.
        package var notBooked = 0
        package init() {}

        package mutating func add(_ other: Report) {
            entries += other.entries
            known += other.known
            receipts += other.receipts
            returns += other.returns
            givenBack += other.givenBack
            retold += other.retold
            debits += other.debits
            notBooked += other.notBooked
        }
    }

    private let entity: ID<Entity>
    private let summary: Summary
    private let entries: [KeyedEntry]
    package init(_ entity: ID<Entity>, _ summary: Summary, _ entries: [KeyedEntry]) {
        (self.entity, self.summary, self.entries) = (entity, summary, entries)
    }

    package func run(in tx: any Transaction, at now: Instant) throws -> Report {
        // Lock.
        var books = try Books(lock: entity, at: now, in: tx)
        // Read.
        var report = Report()
        let statement = try statementID(&books, tx)
        var known: Set<String> = []
        try tx.forEach("SELECT entry_key FROM statement_entry WHERE entity_id = \(entity) AND entry_key IN \(texts: entries.map(\.key))") {
            known.insert($0.text(0))
        }
        var returns = try Returns(entity, of: entries.filter { !known.contains($0.key) }.flatMap(\.divided).map(\.entry), in: tx)
        var toReturn = try ReceiptsToReturn(entity, in: tx)
        var retold = try RetoldReceipts(entity, of: entries.filter { known.contains($0.key) }, in: tx)
        // Decide and write.
        for entry in entries {
            guard entry.entry.status == .booked else {
                report.notBooked += 1
                continue
            }
            guard known.insert(entry.key).inserted else {
                report.known += 1
                let parts = try retold.take(entry, on: entry.entry.bookedOn, &books, tx)
                report.receipts += parts
                if parts > 0 { report.retold += 1 }
                continue
            }
            report.entries += 1
            books.append(entry, statement)
            for part in entry.divided { try post(part, &books, &returns, &toReturn, tx, &report) }
        }
        try tx.run(
            """
            INSERT INTO bank_feed (entity_id, account_iban, through_on) VALUES (\(entity), \(summary.header.account), \(summary.throughOn))
            ON CONFLICT (entity_id, account_iban) DO UPDATE SET through_on = excluded.through_on
              WHERE bank_feed.through_on < excluded.through_on
            """)
        try books.cover(.bankFeed, key: [.text(summary.header.account)], tx)
        try books.close(in: tx)
        return report
    }

    /// Pages of one statement share its name and day; their balances tell them apart.
    private func statementID(_ books: inout Books, _ tx: any Transaction) throws -> Int64 {
        let header = summary.header
        let known = try tx.first(
            """
            SELECT id FROM statement WHERE entity_id = \(entity) AND account_iban = \(header.account) AND statement_id = \(header.id)
               AND file_digest = \(summary.fileDigest) AND created_on IS NOT DISTINCT FROM \(header.createdOn?.iso8601)
               AND opening_minor IS NOT DISTINCT FROM \(summary.opening?.minor)
               AND closing_minor IS NOT DISTINCT FROM \(summary.closing?.minor)
            """
        ) { $0.integer(0) }
        if let known { return known }
        try refuseDaysOfAnotherKind(tx)
        let id: ID<Receipt> = books.newID()
        books.append(.statement) { batch in
            batch.append(id.value)
            for text in [header.account, header.id, header.format, summary.currency.code, summary.fileDigest] { batch.append(text) }
            batch.append(header.createdOn?.iso8601)
            batch.append(summary.opening?.minor)
            batch.append(summary.closing?.minor)
            batch.append(
                summary.findings.map { finding in (finding.line.map { "line \($0): " } ?? "") + finding.message }.joined(separator: "\n"))
        }
        return id.value
    }

    /// A bank's CSV names no entry as its statements do: days told by both would be booked twice.
    private func refuseDaysOfAnotherKind(_ tx: any Transaction) throws {
        guard let fromOn = summary.fromOn else { return }
        let table = StatementHeader.tableFormat, isTable = summary.header.format == table ? 1 : 0
        let through = try tx.first(
            """
            SELECT f.through_on FROM bank_feed f
             WHERE f.entity_id = \(entity) AND f.account_iban = \(summary.header.account) AND f.through_on >= \(fromOn)
               AND EXISTS (SELECT 1 FROM statement s WHERE s.entity_id = f.entity_id AND s.account_iban = f.account_iban
                              AND CASE WHEN s.format = \(table) THEN 1 ELSE 0 END <> \(isTable))
            """
        ) { $0.day(0) }
        if let through { throw StatementRefusal.daysOfAnotherKind(account: summary.header.account, through: through) }
    }

    private func post(
        _ keyed: KeyedEntry, _ books: inout Books, _ returns: inout Returns, _ toReturn: inout ReceiptsToReturn, _ tx: any Transaction,
        _ report: inout Report
    ) throws {
        let entry = keyed.entry
        if entry.amount.minor > 0 {
            // Our own payment that came back is no receipt.
            if entry.isReversal || entry.transactions.contains(where: { $0.returnReason != nil }) {
                return try clear(keyed, &books, &report)
            }
            for receipt in keyed.receipts {
                _ = try books.receive(receipt)
                report.receipts += 1
            }
        } else if entry.amount.minor < 0 {
            let back = keyed.returns
            guard !back.isEmpty else {
                guard try toReturn.take(entry, on: entry.bookedOn, &books) else { return try clear(keyed, &books, &report) }
                report.givenBack += 1
                return
            }
            for returned in back {
                if try returns.take(returned, on: entry.bookedOn, &books, tx) {
                    report.returns += 1
                } else {
                    try books.clear(
                        returned.amount + (returned.charges ?? .zero(returned.amount.currency)), memo: "\(keyed.key)/\(returned.number)",
                        on: entry.bookedOn)
                    report.debits += 1
                }
            }
        }
    }

    private func clear(_ keyed: KeyedEntry, _ books: inout Books, _ report: inout Report) throws {
        try books.clear(keyed.entry.amount, memo: keyed.key, on: keyed.entry.bookedOn)
        report.debits += 1
    }
}

extension Books {
    fileprivate mutating func append(_ keyed: KeyedEntry, _ statement: Int64) {
        let id: ID<Receipt> = newID(), entry = keyed.entry
        append(.statementEntry) { batch in
            batch.append(id.value)
            batch.append(statement)
            batch.append(keyed.key)
            batch.append(entry.bookedOn.iso8601)
            batch.append(entry.valueOn.iso8601)
            batch.append(entry.amount.currency.code)
            batch.append(entry.amount.minor)
            batch.append(entry.isReversal ? 1 : 0)
            batch.append(entry.transactions.compactMap(\.returnReason).first)
            batch.append(entry.reference)
        }
    }

    /// Books a bank movement that is no receipt to bank clearing, where a person explains it.
    fileprivate mutating func clear(_ amount: Money, memo: String, on day: Day) throws {
        try post(
            newID(), on: openDay(day), kind: "bank_clearing", memo: memo,
            [Posting(.bank, nil, debit: amount), Posting(.bankClearing, nil, credit: amount)])
    }
}

/// A bank entry with the key that makes it the same entry in every file.
package struct KeyedEntry: Sendable {
    package let entry: BankEntry
    /// SHA-256 over the bank's reference, or all it says of the entry where it gives none, and its place among equal ones of the same
    /// statement and day, 30 hexadecimal digits and the place when it is not the first.
    package let key: String

    struct Returned {
        let number: Int
        /// Below zero: what was paid in before.
        let amount: Money
        /// Below zero: what the bank took for it.
        let charges: Money?
        let transaction: BankEntry.Transaction
    }

    /// An entry of transactions that are booked in different ways, receipts beside returns, as an entry for each; else the entry itself.
    var divided: [KeyedEntry] {
        let amounts = entry.transactions.map { $0.amount?.minor ?? 0 }, come = entry.transactions.map { $0.returnReason == nil }
        guard amounts.count > 1, !amounts.contains(0), amounts.reduce(0, +) == entry.amount.minor,
            Set(amounts.map { $0 > 0 }).count > 1 || Set(come).count > 1
        else { return [self] }
        return entry.transactions.enumerated().map { at, transaction in
            var part = entry
            (part.amount, part.transactions) = (Money(minor: amounts[at], entry.amount.currency), [transaction])
            return KeyedEntry(entry: part, key: "\(key)/\(at + 1)")
        }
    }

    /// One receipt for each transaction when these add up to the entry, else one for the whole.
    var receipts: [ReceiptIntake] {
        let parts = entry.transactions.map { $0.amount?.minor ?? 0 }
        guard parts.allSatisfy({ $0 > 0 }), parts.reduce(0, +) == entry.amount.minor else {
            return [
                receipt(
                    entry.commonTransaction, entry.amount, charges: nil, key,
                    remittance: entry.transactions.map(\.remittance).filter { !$0.isEmpty }.joined(separator: " "))
            ]
        }
        return entry.transactions.enumerated().map { at, transaction in
            receipt(
                transaction, Money(minor: parts[at], entry.amount.currency), charges: transaction.charges,
                entry.transactions.count == 1 ? key : "\(key)/\(at + 1)",
                remittance: transaction.remittance)
        }
    }

    var returns: [Returned] {
        let isReturn = entry.isReversal || entry.transactions.contains { $0.returnReason != nil }
        guard isReturn else { return [] }
        let parts = entry.transactions.map { $0.amount?.minor ?? 0 }
        guard parts.reduce(0, +) == entry.amount.minor else {
            return [Returned(number: 1, amount: entry.amount, charges: nil, transaction: entry.transactions.first ?? .init())]
        }
        return entry.transactions.enumerated().map { at, transaction in
            let amount = Money(minor: parts[at], entry.amount.currency)
            let sent = transaction.charges.map { amount - $0 } ?? amount
            return Returned(number: at + 1, amount: sent, charges: transaction.charges, transaction: transaction)
        }
    }

    /// - Parameter amount: What came to the account.
    private func receipt(
        _ transaction: BankEntry.Transaction, _ amount: Money, charges: Money?, _ id: String, remittance: String
    ) -> ReceiptIntake {
        var intake = ReceiptIntake(
            method: "bank", externalID: id, bookedOn: entry.bookedOn, amount: charges.map { amount - $0 } ?? amount,
            payerName: transaction.counterpartyName,
            payerIBAN: transaction.counterpartyNumber, endToEndID: transaction.endToEndID,
            mandateID: transaction.mandateID, structuredReference: transaction.structuredReference, remittance: remittance)
        intake.charges = charges.map { -$0 }
        return intake
    }
}

extension BankEntry {
    /// What the transactions of an entry that cannot be divided agree on: another's name or account is nobody's for all of it.
    fileprivate var commonTransaction: Transaction {
        guard var common = transactions.first else { return Transaction() }
        func agrees<Value: Equatable>(_ part: (Transaction) -> Value) -> Bool { transactions.allSatisfy { part($0) == part(common) } }
        if !agrees(\.counterpartyName) { common.counterpartyName = nil }
        if !agrees(\.counterpartyNumber) {
            (common.counterpartyIBAN, common.counterpartyAccount) = (nil, nil)
        }
        if !agrees(\.endToEndID) { common.endToEndID = nil }
        if !agrees(\.mandateID) { common.mandateID = nil }
        if !agrees(\.structuredReference) { common.structuredReference = nil }
        return common
    }
}

package func hexadecimal(_ bytes: some Sequence<UInt8>) -> String {
    bytes.withContiguousStorageIfAvailable { hexadecimal(UnsafeRawBufferPointer($0)) }
        ?? Array(bytes).withUnsafeBytes { hexadecimal($0) }
}

/// Of a digest where it stands.
package func hexadecimal(_ digest: SHA256.Digest) -> String { digest.withUnsafeBytes { hexadecimal($0) } }

private func hexadecimal(_ bytes: UnsafeRawBufferPointer) -> String {
    String(unsafeUninitializedCapacity: bytes.count * 2) { text in
        var at = 0
        for byte in bytes {
            let high = byte >> 4, low = byte & 15
            text[at] = high + (high < 10 ? 48 : 87)
            text[at + 1] = low + (low < 10 ? 48 : 87)
            at += 2
        }
        return at
    }
}

package enum StatementRefusal: Refusal {
    case daysOfAnotherKind(account: String, through: Day)

    package var category: RefusalCategory { .conflict }
    package var code: String { "days_of_another_kind" }
    package var message: String {
        switch self {
        case .daysOfAnotherKind(let account, let through):
            "account \(account) is told through \(through.iso8601), by CSV and by statements: both would book the same money twice. "
                + "Leave out what is of that day or before"
        }
    }
}
