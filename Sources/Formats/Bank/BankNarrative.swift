import Domain

/// What a bank tells of an entry in its narrative (`:86:`), in whatever dialect.
///
/// Four dialects, told apart by what stands in the text: sub-fields of two digits behind a mark (`?20`, `~20`, `<20`, `>20`: German,
/// Austrian, Polish, Dutch and Swiss banks), code words (`/EREF/`, `/REMI/`: SWIFT, Dutch banks), labels (`TYT.:`, `MITTEILUNGEN:`), and
/// plain words. SEPA keys (`EREF+`, `SVWZ+`) stand in any of them.
struct BankNarrative {
    var name: String?
    var iban: String?
    var account: String?
    var endToEndID: String?
    var mandateID: String?
    var creditorID: String?
    var purpose: String?
    var structuredReference: String?
    var returnReason: String?
    /// What was sent or is taken back, and what the bank takes for it, as it writes them: `100,00`, `EUR100,00`.
    var sent: String?
    var charges: String?
    /// GVC, the German transaction code, or the bank's own.
    var code: String?
    var remittance = ""
    /// What neither sub-fields nor code words divide, its lines told apart by line feeds.
    private(set) var plain = ""
    /// Whether an account was found where earlier readers saw none, and the words as these read them, where they differ.
    private(set) var isAccountLearnt = false
    private(set) var earlierRemittance: String?
    private var isReturn: Bool

    init(_ fields: [MT940Field], isReturn: Bool) {
        self.isReturn = isReturn
        var said: [String] = []
        for field in fields {
            remittance = ""
            if field.tag == "NS" { takeNumbered(field.text) } else { take(field) }
            if !remittance.isEmpty { said.append(remittance) }
        }
        remittance = said.joined(separator: " ")
        if self.isReturn, returnReason == nil { returnReason = returnCode(in: remittance) ?? "NARR" }
        if isUnsaid(endToEndID) { endToEndID = nil }
        name = name.map(singleSpaced).flatMap { isUnsaid($0) ? nil : $0 }
    }

    private mutating func take(_ field: MT940Field) {
        let lines = field.text.split(separator: "\n", omittingEmptySubsequences: false), width = field.tagWidth
        if let fields = SubFields(joined(lines, firstWidth: width, isWrapped: true, seam: SubFields.seam(of: field.text))) {
            return take(fields)
        }
        if let (words, free) = codeWords(lines, firstWidth: width) { return take(words, free) }
        plain += (plain.isEmpty ? "" : "\n") + unwrapped(lines, firstWidth: width)
        let text = joined(lines, firstWidth: width) { Labels.starts($1) || $1.hasPrefix("SCOR/") ? .blank : nil }
        if let labels = Labels(text) { return take(labels) }
        if let keys = SEPAKeys(text) { return take(keys) }
        takePlain(lines, text, firstWidth: width)
    }

    private mutating func take(_ fields: SubFields) {
        code = fields.code
        let posting = fields["00"]
        // A Romanian bank sets the account where a long name goes on.
        let second = fields["33"]?.withoutBlanks ?? ""
        let account = fields["31"]?.isEmpty != false && IBAN.isValid(second) ? second : fields["31"]
        isAccountLearnt = account == second && !second.isEmpty
        let party = fields.joined(account == second ? ["32"] : ["32", "33"], width: 27) ?? ""
        // Some Polish banks name the other side and its address behind the words instead.
        let isNamedBehind = party.trimmed.isEmpty && "<^".contains(fields.mark) && fields["27"]?.isEmpty == false
        let named = isNamedBehind ? fields.joined(["27", "28"], width: 35) ?? "" : party
        name = named.trimmed.isEmpty ? name : named
        setAccount(fields.joined(["38"], width: 34) ?? account, bank: fields["30"])
        let keys = isNamedBehind ? Array(20...26) + Array(61...63) : Array(20...29) + Array(60...63)
        let words = fields.joined(keys.map(String.init), width: 27) ?? ""
        // A direct debit or an instant payment that comes back to us, and our own reversal, in the German code alone.
        let returnCodes = ["108", "109", "159", "059", "067"] + (fields.mark == "?" ? ["160", "181", "184", "193"] : [])
        let word = (posting ?? "").uppercased()
        isReturn =
            isReturn || returnCodes.contains(fields.code ?? "")
            || ["RETOUR", "RETURE", "RUECKLAST", "RÜCKLAST", "RUECKUEBERW", "RÜCKÜBERW"].contains(where: word.contains)
        if isReturn, returnReason == nil { returnReason = returnCode(in: words) ?? fields["34"].map { $0.trimmed } }
        if let keys = SEPAKeys(words) { take(keys) } else { remittance = singleSpaced(words) }
        // A code of letters has words of the sender where others have the kind of posting.
        let isSaid = !remittance.isEmpty && fields.code?.first?.isLetter != true
        if !isSaid { remittance = singleSpaced("\(remittance) \(posting ?? "")") }
    }

    private mutating func take(_ keys: SEPAKeys) {
        endToEndID = keys["EREF"] ?? endToEndID
        mandateID = keys["MREF"] ?? mandateID
        creditorID = keys["CRED"] ?? creditorID
        purpose = keys["PURP"] ?? purpose
        if let iban = keys["IBAN"]?.withoutBlanks, isIBAN(iban) { self.iban = self.iban ?? iban }
        name = name ?? keys["ABWA"]
        sent = keys["OAMT"] ?? sent
        if let text = keys["RTRN"] ?? keys["RREF"] { returnReason = returnCode(in: text) ?? returnReason }
        // What the other keys say may still help to find the invoice: nothing is lost.
        let behind = keys["ABWA"].flatMap { $0 == name ? nil : $0 } ?? ""
        let rest = [keys.lead, keys["SVWZ"] ?? "", keys["MTLG"] ?? "", keys["KREF"] ?? "", behind].filter { !$0.isEmpty && !isUnsaid($0) }
        remittance = singleSpaced(rest.joined(separator: " "))
    }

    /// - Parameter free: What stands on lines of its own, which counts where no word says what is paid.
    private mutating func take(_ words: CodeWords, _ free: String) {
        // A bank may spread its words over several narratives of one entry.
        endToEndID = words["EREF"] ?? words["PREF"] ?? words["RFB"] ?? endToEndID
        mandateID = words["MARF"] ?? mandateID
        creditorID = words["CSID"] ?? creditorID
        purpose = words["PURP"].map { $0.hasPrefix("CD/") ? String($0.dropFirst(3)) : $0 } ?? purpose
        (sent, charges) = (words["OCMT"] ?? sent, words["CHGS"] ?? charges)
        returnReason = words["RTRN"].map { returnCode(in: $0) ?? singleSpaced($0) } ?? returnReason
        name = words["NAME"] ?? name
        setAccount(words["IBAN"] ?? words["ACCT"] ?? words["BBAN"], bank: nil)
        if let party = words["CNTP"]?.split(separator: "/", omittingEmptySubsequences: false).map({ String($0).trimmed }) {
            setAccount(party.first, bank: nil)
            if party.count > 2 { name = party[2] }
        }
        // Citibank writes the account before the name.
        let party = words["BO"].flatMap { text in
            guard let name = words["BO1"], !text.contains(where: \.isLetter) else { return text }
            setAccount(text, bank: nil)
            return name
        }
        let (other, behind) = takeParty(words["ORDP"] ?? words["BENM"])
        name = name ?? words["DBNM"] ?? (words["ORDP"] == nil ? party ?? other : other) ?? words["BN"]
        if account == nil, iban == nil { setAccount(words["DACT"], bank: words["DBIC"]) }
        var text = words["REMI"] ?? words["PY"] ?? ""
        if text.hasPrefix("STRD/") {
            // A Belgian reference is written between marks, in groups: `***010/8068/17183***`.
            let reference = text.split(separator: "/", maxSplits: 2).last.map { String($0).withoutBlanks } ?? ""
            structuredReference = groupedReference(in: reference) ?? reference.split(separator: "/").last.map(String.init)
        } else if text.hasPrefix("USTD/") {
            text = String(text.dropFirst(5).drop { $0 == "/" })
        }
        structuredReference = issuedReference(in: text) ?? structuredReference
        let further = ["EI", "ROC", "VA", "CTC"].map { words[$0] ?? "" }
        remittance = singleSpaced(([words.lead, text, free, behind] + further).filter { !$0.isEmpty }.joined(separator: " "))
        if let reference = codedReference(in: text) {
            (structuredReference, earlierRemittance) = (reference, remittance)
            remittance = singleSpaced(([words.lead, free, behind] + further).filter { !$0.isEmpty }.joined(separator: " "))
        }
    }

    /// A name, or an account, a name and what is paid: `530500003804588/ALPHA DOO/000//000/Invoice 12`.
    private mutating func takeParty(_ text: String?) -> (name: String?, rest: String) {
        guard let text else { return (nil, "") }
        let parts = text.split(separator: "/").map { String($0).trimmed }
        guard parts.count > 1, parts[0].utf8.count >= 6, parts[0].utf8.allSatisfy(\.isDigit) || isIBAN(parts[0]) else { return (text, "") }
        if account == nil, iban == nil { setAccount(parts[0], bank: nil) }
        let rest = parts.dropFirst(2).filter { $0.contains { $0 != "0" && $0 != " " } }
        return (parts[1], rest.joined(separator: " "))
    }

    private mutating func take(_ labels: Labels) {
        name = labels.name
        setAccount(labels.account, bank: nil)
        (endToEndID, mandateID, creditorID) = (labels.endToEndID, labels.mandateID, labels.creditorID)
        structuredReference = labels.structuredReference
        remittance = singleSpaced([labels.lead, labels.words, labels.reference].filter { !$0.isEmpty }.joined(separator: " "))
    }

    /// An account number at the start is the other side's, the words behind it on the same line its name, unless the line is full:
    /// then nothing tells where the name ends.
    private mutating func takePlain(_ lines: [Substring], _ text: String, firstWidth: Int) {
        remittance = singleSpaced(text)
        takeCode()
        let told = lines.filter { !$0.allSatisfy(\.isWhitespace) }
        guard let first = told.first, let number = first.split(separator: " ").first.map(String.init), number.count >= 15, isIBAN(number)
        else { return takeNumberLine(told) }
        iban = number
        guard told.count > 1 else { return }
        if first.count + firstWidth >= lineWidth {
            remittance = behindAccount(remittance, number)
        } else {
            name = behindAccount(singleSpaced(String(first)), number)
            remittance = singleSpaced(joined(told.dropFirst().map { Substring(String($0).trimmed) }, firstWidth: 0))
        }
    }

    /// A line that is a Hungarian account number, with the name on the next one.
    private mutating func takeNumberLine(_ lines: [Substring]) {
        for (line, next) in zip(lines, lines.dropFirst()) {
            guard let found = hungarianIBAN(String(line).trimmed), next.contains(where: \.isLetter) else { continue }
            (iban, name, isAccountLearnt) = (found, singleSpaced(String(next)), true)
            return
        }
    }

    /// `999` before plain words, or the bank's own code of three places and a question mark.
    private mutating func takeCode() {
        let lead = remittance.prefix(3), rest = remittance.dropFirst(3)
        guard lead.utf8.count == 3, let next = rest.first else { return }
        if lead == "999", !next.isNumber {
            (code, remittance) = ("999", String(rest).trimmed)
        } else if next == "?", lead.allSatisfy({ $0.isASCII && ($0.isUppercase || $0.isNumber) }), rest.count > 1 {
            (code, remittance) = (String(lead), String(rest.dropFirst()).trimmed)
        }
    }

    /// 01 to 14 words, 15 and 16 the name, 17 the kind of posting.
    private mutating func takeNumbered(_ text: String) {
        var words: [String] = [], named = "", isCut = false, posting = "", bank: String?, number: String?
        for line in text.split(separator: "\n") {
            let value = String(line.dropFirst(2)).trimmed
            switch Int(line.prefix(2)) {
            case .some(1...14): words.append(value)
            case .some(15...16):
                named += (isCut || named.isEmpty ? "" : " ") + value
                isCut = value.count >= 27
            case .some(17): posting = value
            case .some(33): bank = value
            case .some(34): number = value
            default: break
            }
        }
        remittance = singleSpaced(words.isEmpty ? posting : words.joined(separator: " "))
        if !named.isEmpty { name = named }
        if let found = hungarianIBAN((bank ?? "") + (number ?? "")) { iban = found } else { setAccount(number, bank: bank) }
        isAccountLearnt = (iban ?? account) != nil
    }

    private mutating func setAccount(_ number: String?, bank: String?) {
        guard let number = number?.withoutBlanks, !number.isEmpty, number.utf8.contains(where: { $0.isDigit && $0 != 48 }) else { return }
        if isIBAN(number), number.count >= 15 {
            iban = number
        } else if number.utf8.count == 26, number.utf8.allSatisfy(\.isDigit) {
            iban = "PL" + number  // the Polish NRB is an IBAN without its country
        } else {
            account = [bank?.withoutBlanks, number].compactMap { $0 }.filter { !$0.isEmpty }.joined(separator: "/")
        }
    }
}

/// The IBAN of a Hungarian account of 24 digits: 8 of the bank and 16, each ending with its check digit (weights 9, 7, 3, 1).
private func hungarianIBAN(_ number: String) -> String? {
    let digits = Array(number.utf8)
    guard digits.count == 24, digits.allSatisfy(\.isDigit) else { return nil }
    func isChecked(_ part: ArraySlice<UInt8>) -> Bool {
        zip(part, [9, 7, 3, 1, 9, 7, 3, 1, 9, 7, 3, 1, 9, 7, 3, 1]).reduce(0) { $0 + Int($1.0 - 48) * $1.1 } % 10 == 0
    }
    guard isChecked(digits[..<8]), isChecked(digits[8...]), digits[..<8].contains(where: { $0 != 48 }),
        let rest = IBAN.remainder97(number + "HU00")
    else { return nil }
    return "HU\(98 - rest < 10 ? "0" : "")\(98 - rest)\(number)"
}

/// What a Dutch bank writes for a structured reference: `CDTRREFTP//CD/SCOR/ISSR/CUR/CDTRREF/1234567899874563`.
private func codedReference(in text: String) -> String? {
    guard text.hasPrefix("CDTRREFTP"), let label = text[...].range(of: "/CDTRREF/") else { return nil }
    let number = String(text[label.upperBound...]).withoutBlanks
    return number.isEmpty || number.contains("/") ? nil : number
}

/// The number of a Dutch payment reference: `ISSUER: CUR REF: 4420043232693268`.
private func issuedReference(in text: String) -> String? {
    guard text.hasPrefix("ISSUER:"), let label = text[...].range(of: "REF:") else { return nil }
    let number = text[label.upperBound...].drop { $0 == " " }.prefix { $0 != " " && $0 != "/" }
    return number.utf8.count >= 4 && number.utf8.allSatisfy(\.isDigit) ? String(number) : nil
}

private func isUnsaid(_ text: String?) -> Bool { ["NOTPROVIDED", "NONREF", ""].contains(text?.uppercased().withoutBlanks) }

/// Words told apart by one blank.
func singleSpaced(_ text: String) -> String { text.split(whereSeparator: \.isWhitespace).joined(separator: " ") }

/// The words behind an account number and the BIC of a bank in its country.
private func behindAccount(_ text: String, _ number: String) -> String {
    let rest = text.dropFirst(number.count).drop { $0 == " " }, word = rest.prefix { $0 != " " }
    let isBIC =
        [8, 11].contains(word.utf8.count) && word.utf8.allSatisfy { $0.isDigit || (65...90).contains($0) }
        && word.utf8.prefix(4).allSatisfy { !$0.isDigit } && word.dropFirst(4).prefix(2) == number.prefix(2)
    return String(isBIC ? rest.dropFirst(word.count).drop { $0 == " " } : rest)
}

/// How many characters a line of a narrative holds, its tag included.
private let lineWidth = 65

/// What stands between two lines, whatever their width.
enum LineSeam { case nothing, blank }

/// A line that is full was cut by the bank's line length, so the next one continues its word; a shorter one ends its word.
///
/// - Parameters:
///   - isWrapped: The lines mean nothing by themselves, so the bank's own length shows in its longest ones.
///   - seam: Where what stands on either side tells more than the width.
private func joined(
    _ lines: [Substring], firstWidth: Int, isWrapped: Bool = false, seam: (Substring, Substring) -> LineSeam? = { _, _ in nil }
) -> String {
    let widths = lines.enumerated().map { $1.count + ($0 == 0 ? firstWidth : 0) }
    let widest = widths.dropLast().max() ?? 0
    let isOwnWidth = isWrapped && (widest < 60 || widths.dropLast().count { $0 == widest } > 1)
    let full = isOwnWidth ? min(widest, lineWidth) : lineWidth
    var text = "", before: Substring?, isFull = true
    for (line, width) in zip(lines, widths) {
        let between = before.flatMap { seam($0, line) } ?? (isFull ? .nothing : .blank)
        text += (between == .nothing ? "" : " ") + line
        (before, isFull) = (line, width >= full)
    }
    return text
}

/// Lines that are no continuation of a full one stay lines.
private func unwrapped(_ lines: [Substring], firstWidth: Int) -> String {
    var text = "", isFull = true
    for (at, line) in lines.enumerated() {
        text += (isFull ? "" : "\n") + line
        isFull = line.count + (at == 0 ? firstWidth : 0) >= lineWidth
    }
    return text
}

/// The code words of a narrative. Where none of them says what is paid (`/REMI/`), the lines that no word leads and that continue no
/// full line are free text.
private func codeWords(_ lines: [Substring], firstWidth: Int) -> (CodeWords, free: String)? {
    let text = joined(lines, firstWidth: firstWidth, seam: CodeWords.seam)
    guard let words = CodeWords(text) else { return nil }
    guard words["REMI"] == nil, words["PY"] == nil, words["EI"] == nil else { return (words, "") }
    var led: [Substring] = [], free: [Substring] = []
    for (at, line) in lines.enumerated() {
        let isContinued = at > 0 && lines[at - 1].count + (at == 1 ? firstWidth : 0) >= lineWidth
        let isFree = at > 0 && !line.contains("/") && (!isContinued || !free.isEmpty)
        if isFree { free.append(line) } else { led.append(line) }
    }
    guard !free.isEmpty, let part = CodeWords(joined(led, firstWidth: firstWidth, seam: CodeWords.seam)) else { return (words, "") }
    return (part, joined(free, firstWidth: 0))
}

/// The ISO 20022 return reason within words: `MS03`, `AC04`.
private func returnCode(in text: String) -> String? {
    let families = [
        "AC", "AG", "AM", "BE", "CN", "CU", "DN", "DS", "DT", "ED", "ER", "FF", "FO", "MD", "MS", "NO", "RC", "RF", "RR", "RU", "SL", "SP",
        "SV", "TM",
    ]
    return text.uppercased().split { !$0.isLetter && !$0.isNumber }.map(String.init).first {
        $0.utf8.count == 4 && families.contains(String($0.prefix(2))) && $0.suffix(2).utf8.allSatisfy(\.isDigit)
    }
}
