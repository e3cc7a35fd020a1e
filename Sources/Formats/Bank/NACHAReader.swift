import Domain

/// Reads each NACHA (ACH) file as a statement in USD, one or several behind each other, in the memory of one entry with its addenda.
///
/// Credits are money in, debits money out; an entry with a return addendum (99) carries its reason; prenotes, zero amounts and
/// notifications of change (98) are information. Batch and file controls that do not agree are findings.
/// - Errors: `FileFault` for a record of unknown type, an amount that is no number, a file without its header.
/// - Source: Nacha Operating Rules, appendix three: record formats.
final class NACHAReader: StatementSource {
    private let records: NACHARecords
    private var statement: RunningStatement
    private var totals = NACHATotals()
    private var batch: NACHABatch?
    private var entry: NACHAEntry?
    private var hasHeader = false, isClosed = false, isEnded = false
    private var ready: [StatementEvent] = []

    init(path: String) throws(FileFault) {
        records = try NACHARecords(path: path)
        statement = RunningStatement(path: path, header: StatementHeader(format: "NACHA", id: "", account: "", currency: .usd))
    }

    func next() throws(FileFault) -> StatementEvent? {
        while ready.isEmpty {
            guard !isEnded else { return nil }
            guard let record = try records.next() else {
                try finish()
                continue
            }
            findMisfits()
            try take(record)
        }
        return ready.removeFirst()
    }

    private func fault(_ record: NACHARecord, _ what: String) -> FileFault { FileFault(path: records.path, line: record.line, what) }

    private func findMisfits() {
        for misfit in records.takeMisfits() {
            statement.find(misfit.line, "a line of \(misfit.width) characters instead of 94: a strict bank refuses it")
        }
    }

    private func take(_ record: NACHARecord) throws(FileFault) {
        guard hasHeader || record.type == 1 else { throw fault(record, "the file does not start with its header (record 1)") }
        if record.type != 7 { try tellEntry() }
        switch record.type {
        case 1: try start(record)
        case 5: batch = NACHABatch(record, fileDay: statement.header.createdOn)
        case 6:
            guard let open = batch else { throw fault(record, "an entry (6) outside a batch (5)") }
            entry = try NACHAEntry(record, open, path: records.path)
            for message in entry?.findings ?? [] { statement.find(record.line, message) }
        case 7:
            guard entry != nil else { throw fault(record, "an addendum (7) without its entry (6)") }
            entry?.add(record)
        case 8: closeBatch(record)
        case 9:
            if !record.isFiller { closeFile(record) }
        default: throw fault(record, "record type \(record.raw(1, 1)) is unknown: 1, 5, 6, 7, 8 or 9 is wanted")
        }
    }

    private func start(_ record: NACHARecord) throws(FileFault) {
        if hasHeader {
            guard isClosed else {
                throw fault(record, "a second file header (record 1) before the first file's control (9): the first is cut off")
            }
            ready.append(statement.end())
            statement = RunningStatement(path: records.path, header: StatementHeader(format: "NACHA", id: "", account: "", currency: .usd))
            (totals, batch, isClosed) = (NACHATotals(), nil, false)
        }
        hasHeader = true
        statement.header.id = "\(record.text(24, 29))-\(record.text(30, 33))-\(record.text(34, 34))"
        statement.header.account = record.text(4, 13)
        statement.header.createdOn = ShortDate(record.raw(24, 29))?.day
        ready.append(try statement.begin(line: record.line, fallback: nil))
    }

    private func tellEntry() throws(FileFault) {
        guard let told = entry else { return }
        entry = nil
        batch?.totals.add(told)
        let read = try told.entry(path: records.path, findings: &statement)
        ready.append(statement.add(read))
    }

    private func closeBatch(_ record: NACHARecord) {
        guard let open = batch else { return statement.find(record.line, "a batch control (8) without its batch") }
        batch = nil
        for message in open.totals.disagreements(record, of: .batch) { statement.find(record.line, "batch \(open.number): \(message)") }
        totals.add(open.totals)
    }

    private func closeFile(_ record: NACHARecord) {
        isClosed = true
        if let open = batch { statement.find(record.line, "batch \(open.number) has no control (8)") }
        for message in totals.disagreements(record, of: .file) { statement.find(record.line, "file: \(message)") }
    }

    private func finish() throws(FileFault) {
        guard hasHeader else { throw FileFault(path: records.path, "is empty: a NACHA file starts with a header (record 1)") }
        try tellEntry()
        findMisfits()
        if !isClosed { statement.find(records.line, "the file control (9) is missing: the file may be cut off") }
        ready.append(statement.end())
        isEnded = true
    }
}

/// Counts and sums as the controls state them.
struct NACHATotals {
    enum Level { case batch, file }

    private(set) var batches = 0
    private var count: Int64 = 0
    private var hash: Int64 = 0
    private var debit: Int128 = 0, credit: Int128 = 0

    mutating func add(_ entry: NACHAEntry) {
        count += 1 + Int64(entry.addendaCount)
        hash = (hash + entry.routing) % 10_000_000_000
        if entry.isDebit { debit += Int128(entry.amountCents) } else { credit += Int128(entry.amountCents) }
    }

    mutating func add(_ other: NACHATotals) {
        batches += 1
        count += other.count
        hash = (hash + other.hash) % 10_000_000_000
        debit += other.debit
        credit += other.credit
    }

    func disagreements(_ record: NACHARecord, of level: Level) -> [String] {
        let stated: [(name: String, stated: Int64?, found: Int128)] =
            level == .batch
            ? [
                ("entries and addenda", record.number(5, 10), Int128(count)), ("hash", record.number(11, 20), Int128(hash)),
                ("debits", record.number(21, 32), debit), ("credits", record.number(33, 44), credit),
            ]
            : [
                ("batches", record.number(2, 7), Int128(batches)), ("entries and addenda", record.number(14, 21), Int128(count)),
                ("hash", record.number(22, 31), Int128(hash)), ("debits", record.number(32, 43), debit),
                ("credits", record.number(44, 55), credit),
            ]
        return stated.compactMap { part in
            guard let number = part.stated else { return "\(part.name) stated are no number" }
            return Int128(number) == part.found ? nil : "\(part.name) \(number) stated, \(part.found) found"
        }
    }
}
