import Domain

/// A batch header (5).
struct NACHABatch {
    let line: Int
    let number: String
    let company: String
    let companyID: String
    /// `PPD`, `CCD`, `CTX`, `COR`, `IAT` …
    let entryClass: String
    let description: String
    let settledOn: Day?
    var totals = NACHATotals()

    init(_ record: NACHARecord, fileDay: Day?) {
        (line, entryClass) = (record.line, record.text(51, 53))
        company = entryClass == "IAT" ? "" : record.text(5, 20)
        (companyID, description) = (record.text(41, 50), record.text(54, 63))
        settledOn = record.raw(70, 75) == "000000" ? fileDay : ShortDate(record.raw(70, 75))?.day ?? fileDay
        number = record.text(88, 94)
    }
}

/// An entry (6) and its addenda (7).
struct NACHAEntry {
    let routing: Int64
    let amountCents: Int64
    let isDebit: Bool
    let line: Int
    private(set) var findings: [String] = []
    private(set) var addendaCount = 0
    private(set) var payments: [(text: String, line: Int)] = []
    private let batch: NACHABatch
    private let record: NACHARecord
    private let code: Int
    private var returnReason: String?
    private var originalTrace: String?
    private var change: String?
    /// Of a foreign payment (IAT): who sends it, who gets it, what the sender says.
    private var sender: String?, receiver: String?
    private var foreignWords: [String] = []

    private static let addendaBound = 9_999

    init(_ record: NACHARecord, _ batch: NACHABatch, path: String) throws(FileFault) {
        (self.record, self.batch, line) = (record, batch, record.line)
        guard batch.entryClass != "ADV" else {
            throw FileFault(
                path: path, line: record.line, "is an accounting advice (ADV) between banks, which moves no money of a customer")
        }
        guard let code = Int(record.text(2, 3)), (20...59).contains(code) else {
            throw FileFault(path: path, line: record.line, "transaction code \(record.raw(2, 3)) is unknown")
        }
        guard let routing = record.number(4, 11), let amount = record.number(30, 39) else {
            throw FileFault(path: path, line: record.line, "the entry's bank (4-11) or amount (30-39) is no number")
        }
        (self.code, self.routing, amountCents) = (code, routing, amount)
        // 1 to 4 credit the account, 6 to 9 debit it; loans have 55 and 56 for debits.
        isDebit = code % 10 > 5 || code == 55
        if let stated = record.number(12, 12), stated != checkDigit(routing) {
            findings.append("check digit \(stated) of bank \(record.text(4, 11)) should be \(checkDigit(routing))")
        }
    }

    mutating func add(_ record: NACHARecord) {
        addendaCount += 1
        switch record.text(2, 3) {
        case "99": (returnReason, originalTrace) = (record.text(4, 6), record.text(7, 21))
        case "98": (change, originalTrace) = ("\(record.text(4, 6)): \(record.text(36, 64))", record.text(7, 21))
        case "05":
            if payments.count < Self.addendaBound { payments.append((record.raw(4, 83), record.line)) }
        case "10": receiver = record.text(47, 81)
        case "11": sender = record.text(4, 38)
        case "17": if foreignWords.count < 2 { foreignWords.append(record.raw(4, 83)) }
        default: break
        }
    }

    private var isPrenote: Bool { [3, 8].contains(code % 10) }
    /// A count of addenda before a shorter name.
    private var isLong: Bool { ["CTX", "ENR", "TRX", "ATX"].contains(batch.entryClass) }
    /// Where others have the name, a check's number at the clearing house or a card's stands.
    private var isNameless: Bool { ["TRC", "XCK", "SHR"].contains(batch.entryClass) }
    /// A payment that a person starts with his own bank (CIE) has his name first, then the number by which the biller knows him.
    private var isCustomers: Bool { batch.entryClass == "CIE" }
    var payerName: String {
        if batch.entryClass == "IAT" { return receiver ?? "" }
        if isCustomers { return record.text(40, 54) }
        if isNameless { return "" }
        return isLong ? record.text(59, 74) : record.text(55, 76)
    }
    var trace: String { record.text(80, 94) }
    var identification: String {
        switch batch.entryClass {
        case "IAT": ""
        case "CIE": record.text(55, 76)
        case "POP": record.text(40, 48)  // the terminal's town and state follow
        default: record.text(40, 54)
        }
    }
    var originator: String { batch.company }

    func entry(path: String, findings statement: inout RunningStatement) throws(FileFault) -> BankEntry {
        guard let day = batch.settledOn else { throw FileFault(path: path, line: line, "neither the batch nor the file has a date") }
        let amount = Money(minor: isDebit ? -amountCents : amountCents, .usd)
        if let change { statement.find(line, "notification of change \(change) for \(identification) \(payerName)".trimmed) }
        // Addenda are one text of 80 characters each: what one cuts the next continues.
        let words = singleSpaced((foreignWords + payments.map(\.text)).joined())
        let check = ["ARC", "BOC", "POP", "RCK", "TRC", "XCK"].contains(batch.entryClass)
        // A credit to us names its sender in the batch; an entry that comes back names whom we charged.
        let isOthers = returnReason != nil || change != nil || isDebit
        let number = batch.entryClass == "IAT" ? record.text(40, 74) : record.text(13, 29)
        let account = isOthers ? [record.text(4, 12), number].filter { !$0.isEmpty }.joined(separator: "/") : nil
        let isNamed = isOthers || isCustomers && !payerName.isEmpty
        let name = isNamed ? payerName : sender ?? (batch.company.isEmpty ? payerName : batch.company)
        let transaction = BankEntry.Transaction(
            amount: amount, endToEndID: identification.isEmpty ? nil : identification, counterpartyName: name.isEmpty ? nil : name,
            remittance: words.isEmpty ? singleSpaced("\(batch.description) \(identification)") : words,
            returnReason: returnReason, counterpartyAccount: account, code: batch.entryClass, checkNumber: check ? identification : nil)
        let isInformation = isPrenote || amountCents == 0 || change != nil
        return BankEntry(
            amount: amount, status: isInformation ? .information : .booked, bookedOn: day, valueOn: day,
            reference: trace.isEmpty ? nil : trace,
            transactions: [transaction], citation: Citation(line: line, columns: 30..<40))
    }
}

/// The ninth digit of a routing number (ABA): weights 3, 7, 1.
private func checkDigit(_ routing: Int64) -> Int64 {
    var rest = routing, sum: Int64 = 0
    for weight in [7, 3, 1, 7, 3, 1, 7, 3] as [Int64] {
        sum += rest % 10 * weight
        rest /= 10
    }
    return (10 - sum % 10) % 10
}
