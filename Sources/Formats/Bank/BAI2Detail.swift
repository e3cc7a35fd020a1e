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
        let said = BAI2Words(text)
        let transaction = BankEntry.Transaction(
            amount: signed, endToEndID: customerReference ?? said["EREF"], counterpartyName: said.name(isCredit: isCredit),
            remittance: text,
            returnReason: Self.returns.contains(number) ? "BAI2 \(type)" : nil,
            code: type, checkNumber: [475, 474, 472].contains(number) ? customerReference : nil)
        return BankEntry(
            amount: signed, bookedOn: bookedOn, valueOn: valueOn ?? bookedOn, isReversal: isReversal, reference: bankReference,
            transactions: [transaction], citation: citation)
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
