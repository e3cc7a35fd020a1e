import Domain
import Store

/// What an operation changes in the sums that reports read: gathered in memory, written once at the end.
///
/// The postings and the open items feed `proof` independently of each other; its CHECK constraints compare them.
struct KeptSums {
    private struct AccountDay: Hashable { let account: Account, currency: Currency, on: Day }
    private struct DueDay: Hashable { let currency: Currency, dueOn: Day }
    private struct Due { var debit: Int64 = 0, debitCount: Int64 = 0, credit: Int64 = 0, creditCount: Int64 = 0 }
    private struct Proof { var debit: Int64 = 0, credit: Int64 = 0, control: Int64 = 0, open: Int64 = 0 }

    private var accountDays: [AccountDay: (debit: Int64, credit: Int64)] = [:]
    private var dueDays: [DueDay: Due] = [:]
    private var proofs: [Currency: Proof] = [:]
    private var settled: [SQLValue] = []
    /// Items of these books: where their open amount stands in the batch, and what it is by now.
    private var fresh: [Int64: (offset: Int, open: Int64)] = [:]

    mutating func add(_ posting: Posting, on day: Day) {
        let minor = posting.amount.minor, currency = posting.amount.currency
        let debit = max(minor, 0), credit = max(-minor, 0)
        let key = AccountDay(account: posting.account, currency: currency, on: day)
        accountDays[key, default: (0, 0)].debit += debit
        accountDays[key, default: (0, 0)].credit += credit
        proofs[currency, default: Proof()].debit += debit
        proofs[currency, default: Proof()].credit += credit
        if posting.account.isControl { proofs[currency, default: Proof()].control += minor }
    }

    /// - Parameter writtenAt: Where the batch of open items holds the open amount.
    mutating func add(_ item: NewOpenItem, writtenAt offset: Int) {
        fresh[item.id] = (offset, item.amount.minor)
        move(DueDay(currency: item.amount.currency, dueOn: item.dueOn), by: item.amount.minor, credit: item.amount.minor < 0, count: 1)
    }

    /// Changes what is open of `item`: towards zero when it is settled, away from it when that is taken back.
    mutating func settle(_ item: inout OpenItem, by change: Money) {
        let before = item.open.minor
        item.open = item.open + change
        let isCredit = before < 0 || item.open.minor < 0
        if let written = fresh[item.id] {
            // Not in the database yet: it is inserted with what is left of it.
            fresh[item.id] = (written.offset, written.open + change.minor)
        } else {
            settled += [.integer(change.minor), .null, .integer(item.id)]
        }
        let count: Int64 = item.open.minor == 0 ? -1 : before == 0 ? 1 : 0
        move(DueDay(currency: change.currency, dueOn: item.dueOn), by: change.minor, credit: isCredit, count: count)
    }

    /// Remembers that something happened on `day`, so that reports know which days are the newest.
    mutating func touch(_ currency: Currency, on day: Day) {
        accountDays[AccountDay(account: .receivables, currency: currency, on: day), default: (0, 0)].debit += 0
    }

    /// Writes what is left of the items that these books added.
    func finish(_ openItems: inout RowBatch) {
        for (offset, open) in fresh.values { openItems.overwrite(at: offset, open) }
    }

    private mutating func move(_ key: DueDay, by minor: Int64, credit: Bool, count: Int64) {
        proofs[key.currency, default: Proof()].open += minor
        if credit {
            dueDays[key, default: Due()].credit += minor
            dueDays[key, default: Due()].creditCount += count
        } else {
            dueDays[key, default: Due()].debit += minor
            dueDays[key, default: Due()].debitCount += count
        }
    }

    /// A currency in which more than `minor` is debited.
    func currency(beyond minor: Int64) -> Currency? { proofs.first { $0.value.debit > minor }?.key }

    func write(_ entity: ID<Entity>, in tx: any Transaction) throws {
        try writeSettled(entity, in: tx)
        let days = accountDays.sorted {
            ($0.key.account.rawValue, $0.key.currency.code, $0.key.on) < ($1.key.account.rawValue, $1.key.currency.code, $1.key.on)
        }
        try insert(accountDayTable, days, entity, in: tx) { batch, key, sum in
            batch.append(key.account.rawValue)
            batch.append(key.currency.code)
            batch.append(key.on.iso8601)
            batch.append(sum.debit)
            batch.append(sum.credit)
        }
        let dues = dueDays.sorted { ($0.key.currency.code, $0.key.dueOn) < ($1.key.currency.code, $1.key.dueOn) }
        try insert(dueDayTable, dues, entity, in: tx) { batch, key, due in
            batch.append(key.currency.code)
            batch.append(key.dueOn.iso8601)
            batch.append(due.debit)
            batch.append(due.debitCount)
            batch.append(due.credit)
            batch.append(due.creditCount)
        }
        try insert(proofTable, proofs.sorted { $0.key.code < $1.key.code }, entity, in: tx) { batch, currency, proof in
            batch.append(currency.code)
            batch.append(proof.debit)
            batch.append(proof.credit)
            batch.append(proof.control)
            batch.append(proof.open)
        }
    }

    private func insert<Key, Sum>(
        _ table: Table, _ sums: [(key: Key, value: Sum)], _ entity: ID<Entity>, in tx: any Transaction,
        _ row: (inout RowBatch, Key, Sum) -> Void
    ) throws {
        var batch = RowBatch(table)
        batch.reserve(sums.count * 80)
        for (key, sum) in sums {
            batch.append(entity.value)
            row(&batch, key, sum)
        }
        try tx.insert(batch)
    }

    private func writeSettled(_ entity: ID<Entity>, in tx: any Transaction) throws {
        var values = settled
        for place in stride(from: 1, to: values.count, by: 3) { values[place] = .integer(entity.value) }
        try tx.repeated("UPDATE open_item SET open_minor = open_minor + $1 WHERE entity_id = $2 AND id = $3", 3, values)
    }
}

private let accountDayTable = Table(
    "account_day", "entity_id:i account:t currency:t effective_on:t debit_minor:i credit_minor:i",
    """
    ON CONFLICT (entity_id, account, currency, effective_on) DO UPDATE
    SET debit_minor = account_day.debit_minor + excluded.debit_minor, credit_minor = account_day.credit_minor + excluded.credit_minor
    """)

private let dueDayTable = Table(
    "due_day", "entity_id:i currency:t due_on:t debit_minor:i debit_count:i credit_minor:i credit_count:i",
    """
    ON CONFLICT (entity_id, currency, due_on) DO UPDATE
    SET debit_minor = due_day.debit_minor + excluded.debit_minor, debit_count = due_day.debit_count + excluded.debit_count,
        credit_minor = due_day.credit_minor + excluded.credit_minor, credit_count = due_day.credit_count + excluded.credit_count
    """)

private let proofTable = Table(
    "proof", "entity_id:i currency:t debit_minor:i credit_minor:i control_minor:i open_minor:i",
    """
    ON CONFLICT (entity_id, currency) DO UPDATE
    SET debit_minor = proof.debit_minor + excluded.debit_minor, credit_minor = proof.credit_minor + excluded.credit_minor,
        control_minor = proof.control_minor + excluded.control_minor, open_minor = proof.open_minor + excluded.open_minor
    """)
