import Domain

/// One `:61:` with its narrative.
///
/// - Shape: value date, entry date or none, mark (C, D, RC, RD, EC, ED), third letter of the currency or none, amount, type and
///   reference, `//` and the bank's own reference, further words on the next line.
struct MT940Entry {
    private let amount: Money
    private let valueOn: Day
    private let bookedOn: Day
    private let isReversal: Bool
    private let isExpected: Bool
    private let type: String?
    private let reference: String?
    private let bankReference: String?
    private let name: String?
    private let iban: String?
    private let supplement: String
    /// `/OCMT/EUR100,00//CHGS/EUR3,00/`
    private let details: CodeWords?
    private let citation: Citation
    var narrative: [MT940Field] = []

    init(_ field: MT940Field, _ open: inout RunningStatement) throws(FileFault) {
        guard let currency = open.header.currency else {
            throw FileFault(path: open.path, line: field.line, "the statement names no currency")
        }
        var parts = field.text.split(separator: "\n", omittingEmptySubsequences: true)
        let first = parts.isEmpty ? "" : parts.removeFirst()
        var scan = MT940Line(first, path: open.path, line: field.line)
        (valueOn, bookedOn) = try scan.dates(&open)
        let mark = try scan.mark()
        (isReversal, isExpected) = (mark.isReversal, mark.isExpected)
        let unsigned = try open.money(try scan.amount(), currency, line: field.line)
        amount = mark.isCredit ? unsigned : -unsigned
        type = scan.type()
        let told = scan.references()
        var lines = parts.map { String($0).trimmed }
        // Behind a long reference of the owner the bank's own stands on the next line.
        let isBelow = told.bank == nil && lines.first?.hasPrefix("//") == true
        (bankReference, name) = (isBelow ? MT940Line.told(String(lines.removeFirst().dropFirst(2))) : told.bank, told.name)
        // Dutch banks set the other side's account where a reference belongs, or below it.
        let account = ([told.owner] + lines).compactMap { $0 }.first { isIBAN($0) && $0.utf8.count >= 15 }
        iban = account
        reference = told.owner == account ? nil : told.owner
        func isDetail(_ line: String) -> Bool { ["/TRCD/", "/OCMT/", "/CHGS/"].contains(where: line.hasPrefix) }
        supplement = lines.filter { $0 != account && !isDetail($0) }.joined(separator: " ")
        details = CodeWords(lines.filter(isDetail).joined())
        citation = Citation(line: field.line, columns: 1..<first.count + field.tagWidth + 1)
    }

    /// Whether the narrative says what stands below the entry line.
    private func isTold(in said: BankNarrative) -> Bool {
        [said.remittance, said.name ?? ""].contains { $0.contains(supplement) }
    }

    /// The line below the references of the entry line, where the first line of the narrative says these once more (Danske Bank).
    private func nameBelow(_ plain: String) -> String? {
        func letters(_ text: some StringProtocol) -> String { String(text.filter { !$0.isWhitespace }) }
        let lines = plain.split(separator: "\n"), references = letters((reference ?? "") + (bankReference ?? ""))
        guard lines.count > 1, !references.isEmpty, letters(lines[0]) == references, lines[1].count(where: \.isLetter) >= 3 else {
            return nil
        }
        return singleSpaced(String(lines[1]))
    }

    func entry(isInterim: Bool) -> BankEntry {
        let said = BankNarrative(narrative, isReturn: type == "NRTI" || type == "FRTI")
        let remittance = [said.remittance, isTold(in: said) ? "" : supplement].filter { !$0.isEmpty }.joined(separator: " ")
        var transaction = BankEntry.Transaction(
            amount: amount, endToEndID: said.endToEndID ?? (type == "NCHK" ? nil : reference), mandateID: said.mandateID,
            counterpartyName: said.name ?? name, counterpartyIBAN: said.iban ?? iban, structuredReference: said.structuredReference,
            remittance: remittance, returnReason: said.returnReason, counterpartyAccount: said.account, code: said.code ?? type,
            purpose: said.purpose, creditorID: said.creditorID, checkNumber: type == "NCHK" ? reference : nil)
        transaction.counterpartyName = transaction.counterpartyName ?? nameBelow(said.plain)
        transaction.charges = charges(said, isReturn: isReversal || said.returnReason != nil)
        var wording = BankEntry.Wording(transaction)
        if said.isAccountLearnt { wording.counterpartyNumber = iban }
        if let earlier = said.earlierRemittance {
            wording.remittance = [earlier, isTold(in: said) ? "" : supplement].filter { !$0.isEmpty }.joined(separator: " ")
        }
        if amount.minor > 0, !isReversal, said.returnReason == nil {
            transaction.takeLabels(of: said.plain, isIdentified: said.endToEndID != nil)
        }
        var entry = BankEntry(
            amount: amount, status: isInterim || isExpected ? .pending : .booked, bookedOn: bookedOn, valueOn: valueOn,
            isReversal: isReversal, reference: bankReference, transactions: [transaction], citation: citation)
        if wording != BankEntry.Wording(transaction) { entry.wording = wording }
        return entry
    }
}

extension MT940Entry {
    /// What the entry differs from the amount sent by, where the bank says both or, of money that goes back, what was sent.
    private func charges(_ said: BankNarrative, isReturn: Bool) -> Money? {
        guard let sent = (details?["OCMT"] ?? said.sent).flatMap(stated) else { return nil }
        let stated = (details?["CHGS"] ?? said.charges).flatMap(stated)
        let charges = amount.minor - (amount.minor < 0 ? -sent : sent)
        guard charges < 0, stated.map({ $0 == -charges }) ?? (isReturn && amount.minor < 0) else { return nil }
        return Money(minor: charges, amount.currency)
    }

    /// `EUR100,00` or `100,00` in minor units; nil in another currency.
    private func stated(_ text: String) -> Int64? {
        let first = text.prefix { $0 != "/" && $0 != " " }, letters = first.prefix(while: \.isLetter)
        guard letters.isEmpty || letters == amount.currency.code, let number = decimalNumber(first.dropFirst(letters.count)),
            let (minor, isExact) = minorUnits(number, in: amount.currency, upTo: Money.entryBound), isExact
        else { return nil }
        return minor
    }
}

/// Reads an entry line from left to right.
private struct MT940Line {
    private let whole: Substring
    private var rest: Substring
    private let path: String
    private let line: Int

    init(_ text: Substring, path: String, line: Int) { (whole, rest, self.path, self.line) = (text, text, path, line) }

    private func fault(_ what: String) -> FileFault { FileFault(path: path, line: line, "entry :61: \(what): \(whole)") }

    mutating func dates(_ open: inout RunningStatement) throws(FileFault) -> (value: Day, booked: Day) {
        while rest.first?.isWhitespace == true { rest.removeFirst() }
        guard let value = ShortDate(rest.prefix(6)) else { throw fault("does not start with a date YYMMDD") }
        rest = rest.dropFirst(6)
        if value.isMoved { open.find(line, "value date \(whole.prefix(6)) does not exist: taken as \(value.day.iso8601)") }
        // Blanks where the entry date belongs: there is none.
        if rest.hasPrefix("    ") { rest = rest.drop { $0 == " " } }
        let digits = rest.prefix(4)
        guard digits.utf8.count == 4, digits.utf8.allSatisfy(\.isDigit), let month = Int(digits.prefix(2)), let day = Int(digits.suffix(2))
        else {
            return (value.day, value.day)
        }
        rest = rest.dropFirst(4)
        let parts = value.day.parts
        // Booked in the other year than valued.
        let year = month - parts.month > 6 ? parts.year - 1 : parts.month - month > 6 ? parts.year + 1 : parts.year
        guard let booked = ShortDate(year: year, month: month, day: day) else {
            open.find(line, "booking date \(digits) does not exist: the value date is taken")
            return (value.day, value.day)
        }
        if booked.isMoved { open.find(line, "booking date \(digits) does not exist: taken as \(booked.day.iso8601)") }
        return (value.day, booked.day)
    }

    /// RC takes a credit back, RD a debit; EC and ED are expected.
    mutating func mark() throws(FileFault) -> (isCredit: Bool, isReversal: Bool, isExpected: Bool) {
        let lead = rest.first
        if lead == "R" || lead == "E" { rest.removeFirst() }
        guard let letter = rest.popFirst(), letter == "C" || letter == "D" else { throw fault("has neither C nor D behind its dates") }
        // The funds code: the third letter of the currency.
        if let funds = rest.first, funds.isLetter { rest.removeFirst() }
        return ((letter == "C") != (lead == "R"), lead == "R", lead == "E")
    }

    mutating func amount() throws(FileFault) -> Substring {
        let digits = rest.prefix { $0.isASCII && ($0.isNumber || $0 == "," || $0 == ".") }
        guard digits.contains(where: \.isNumber) else { throw fault("has no amount") }
        rest = rest.dropFirst(digits.count)
        return digits
    }

    /// `NTRF`, `FMSC`, `S051`; a blank may pad it: `NOV `.
    mutating func type() -> String? {
        rest = rest.drop { $0 == " " }
        let place = rest.prefix(4), word = place.last == " " ? place.dropLast() : place
        guard place.count == 4, !rest.hasPrefix("NONREF"), let first = word.first, "NFS".contains(first),
            word.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber) })
        else {
            return nil
        }
        rest = rest.dropFirst(4)
        return String(word)
    }

    /// The owner's reference has 16 places; what follows a gap behind it is the other side's name.
    mutating func references() -> (owner: String?, name: String?, bank: String?) {
        let split = rest.range(of: "//")
        let lead = (split.map { rest[..<$0.lowerBound] } ?? rest), bank = split.map { String(rest[$0.upperBound...]) }
        let gap = lead.range(of: "  "), name = gap.map { singleSpaced(String(lead[$0.upperBound...])) } ?? ""
        let owner = String(gap.map { lead[..<$0.lowerBound] } ?? lead)
        return (Self.told(owner), name.count > 1 ? name : nil, Self.told(bank))
    }

    /// A reference, or nil for what stands where there is none.
    static func told(_ text: String?) -> String? {
        guard let text = text?.trimmed, text.count > 1, !unsaid.contains(text.uppercased()) else { return nil }
        return text
    }
}

/// What stands where a reference belongs when there is none, or when the narrative has it.
private let unsaid = ["NONREF", "NOTPROVIDED", "EREF", "KREF", "PREF", "EREF+", "KREF+", "MREF", "MREF+"]
