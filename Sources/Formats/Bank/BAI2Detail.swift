import Domain

/// One transaction detail (16).
struct BAI2Detail {
    let type: String
    let amountText: String
    let valueOn: Day?
    private let bankReference: String?
    private let customerReference: String?
    private let text: String
    private let citation: Citation

    init(_ record: BAI2Record) {
        let fields = record.fields
        func field(_ at: Int) -> String? { at >= 0 && at < fields.count && !fields[at].isEmpty ? fields[at] : nil }
        (type, amountText, text) = (field(0) ?? "", field(1) ?? "", singleSpaced(record.text))
        valueOn = field(2)?.uppercased() == "V" ? field(3).flatMap { ShortDate($0) }?.day : nil
        let at = BAI2Records.textIndex(fields) ?? 5
        // Zeros are written where a reference is wanted and there is none.
        func reference(_ at: Int) -> String? { field(at).flatMap { $0.allSatisfy { $0 == "0" } ? nil : $0 } }
        (bankReference, customerReference) = (reference(at - 2), reference(at - 1))
        citation = Citation(line: record.citation.line, columns: record.citation.columns)
    }

    /// - Parameter amount: As stated; a minus turns the side the type names.
    /// - Returns: nil for a type that moves no money: status, summary, loan and information.
    func entry(_ amount: Money, bookedOn: Day) -> BankEntry? {
        guard let number = Int(type), let isCredit = isCredit(number), amount.minor != 0 else { return nil }
        let signed = isCredit ? amount : -amount
        let isReversal = [258, 358, 558, 658].contains(number)
        let said = BAI2Words(text), side = isCredit ? "D" : "C"
        let account = said["\(side)ACT"].map { $0.withoutBlanks }.flatMap { $0.utf8.allSatisfy(\.isDigit) ? $0 : nil }
        let transaction = BankEntry.Transaction(
            amount: signed, endToEndID: customerReference ?? said["EREF"],
            counterpartyName: said.name(isCredit: isCredit) ?? Self.name(isCredit, in: text),
            remittance: text,
            returnReason: Self.returns.contains(number) ? "BAI2 \(type)" : nil,
            counterpartyAccount: account.map { [said["\(side)ABA"], $0].compactMap { $0 }.joined(separator: "/") },
            code: type, checkNumber: [475, 474, 472].contains(number) ? customerReference : nil)
        var entry = BankEntry(
            amount: signed, bookedOn: bookedOn, valueOn: valueOn ?? bookedOn, isReversal: isReversal, reference: bankReference,
            transactions: [transaction], citation: citation)
        if account != nil {
            var wording = BankEntry.Wording(transaction)
            wording.counterpartyNumber = nil
            entry.wording = wording
        }
        return entry
    }

    /// `From: ALPHA INC, Client Ref ID: 17`, or `BO:11111111 BO1:ALPHA LTD` (by order of), as some banks have them where no label of the
    /// others stands.
    private static func name(_ isCredit: Bool, in text: String) -> String? {
        for label in isCredit ? ["BO1:", "From: "] : ["To: "] {
            guard let place = text[...].range(of: label),
                place.lowerBound == text.startIndex || " ,".contains(text[text.index(before: place.lowerBound)])
            else { continue }
            let parts = text[place.upperBound...].split(separator: ",").prefix { !$0.contains(":") || $0.startIndex == place.upperBound }
            // A part may end where the next label of the same line starts.
            let words = parts.joined(separator: ",").split(separator: " ").prefix { !$0.contains(":") }
            let name = words.joined(separator: " ")
            if name.count(where: \.isLetter) >= 3 { return name }
        }
        return nil
    }

    /// Checks, deposited items, ACH items and loans that came back.
    private static let returns: Set<Int> = [255, 257, 261, 266, 555, 557, 561, 566]

    private func isCredit(_ type: Int) -> Bool? {
        switch type {
        case 101...399, 920...959: true
        case 401...699, 960...999: false
        default: nil
        }
    }
}
