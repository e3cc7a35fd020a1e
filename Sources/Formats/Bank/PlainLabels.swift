import Domain

/// What plain words tell behind the labels that banks of many countries set within them: `GONDEREN: YILMAZ LTD ACIKLAMA: FATURA 7`.
///
/// The words stay whole beside it.
struct PlainLabels {
    private(set) var name: String?
    /// An IBAN without blanks, or the bank's code and a number.
    private(set) var account: String?
    private(set) var endToEndID: String?

    private enum Part { case name, account, endToEnd, other }

    private static let names = [
        "ORDENANTE:", "TRANSFERENCIA DE ", "TRANSFERENCIA INMEDIATA DE ", "GONDEREN:", "GONDEREN ADI:", "GONDEREN UNVAN:",
        "GONDEREN AD SOYAD:", "ORDERING CUST:", "ORDERING CUSTOMER:", "ORDERING PARTY:", "BY ORDER OF:", "B/O:", "ORD:", "ORDINANTE:",
        "DONNEUR D'ORDRE:", "EMETTEUR:", "DEBITEUR:", "DEBTOR:", "DEBTOR NAME:", "PAYER:", "PAYER NAME:", "REMITTER:", "REMITTER NAME:",
        "SENDER:", "SENDER NAME:", "FROM:", "AVSENDER:", "AVSANDARE:", "BETALARE:", "BETALER:", "INDBETALER:", "MAKSAJA:", "PLATCE:",
        "NAZEV PROTIUCTU:", "NAZEV PROTISTRANY:", "NADAWCA:", "ZLECENIODAWCA:", "PLATNIK:", "MEGBIZO:", "FIZETO:", "ORDONATOR:",
        "PLATITOR:", "UPLATITELJ:", "PLATITELJ:", "-PLATITOR ", "RECEIVED MONEY FROM ", "AUFTRAGGEBER:", "ZAHLUNGSPFLICHTIGER:",
    ]
    /// Of African banks, where it is told for whom (`IFO`) or why (`IRO`) behind it.
    private static let wireNames = ["B/O "]
    /// Of French banks, where a reason (`MOTIF`) follows.
    private static let frenchNames = ["DE:", "/DE "]
    private static let accounts = [
        "PROTIUCET:", "UCET PROTISTRANY:", "CISLO PROTIUCTU:", "GONDEREN IBAN:", "GONDEREN HESAP:", "GONDEREN HESAP NO:",
        "OVERSCHRIJVING VAN ", "VIREMENT DE ", "EUROPEEN DE ", "IBAN AUFTRAGGEBER:", "ORDERING ACCOUNT:", "DEBTOR ACCOUNT:", "DEBTOR IBAN:",
        "SENDER ACCOUNT:", "SENDER IBAN:",
        "PAYER ACCOUNT:", "PAYER IBAN:", "REMITTER ACCOUNT:", "CUENTA ORDENANTE:", "IBAN ORDENANTE:", "IBAN ORDINANTE:",
    ]
    private static let ids = ["AUFTRAGGEBERREFERENZ:", "END TO END:", "END-TO-END:", "END TO END ID:", "END-TO-END-REFERENZ:", "E2E:"]
    /// Of more than one word, or without a colon; any other word before a colon ends a value, too.
    private static let others = [
        "BIC AUFTRAGGEBER:", "URSPR. AUFTRAGGEBER:", "URSPR. EMPFANGER:", "PAYMENT DETAILS:", "ZPRAVA PRO PRIJEMCE:", "SORGU NO:",
        "INF.PAG:", "ID.MITT.:", "FX RATE:",
        "BENEFICIARY NAME:", "ALICI ADI:", "ALICI IBAN:", "GONDEREN BANKA:", "SENDER BANK:", "DEBTOR BANK:", ", CONCEPTO", " CONCEPTO ",
        "/MOTIF ", "/REF ", "/RNF ", "/RCN/", "/BNF/", "/OBI/",
        " IFO ", " IRO ", " WITH REFERENCE ",
    ]
    private typealias Label = (text: [Character], part: Part)
    /// By their first character, the longest first.
    private static let labels: [Character: [Label]] = {
        let parts: [([String], Part)] = [
            (names + frenchNames + wireNames, .name), (accounts, .account), (ids, .endToEnd), (others, .other),
        ]
        let all = parts.flatMap { texts, part in texts.map { (text: Array($0), part: part) } }
        return Dictionary(grouping: all) { $0.text[0] }.mapValues { $0.sorted { $0.text.count > $1.text.count } }
    }()

    /// - Parameter text: Lines told apart by line feeds; a value ends with its line.
    /// - Returns: nil where nothing is told.
    init?(_ text: String) {
        let characters = Array(text), capitals = characters.map(Self.capital)
        let whole = String(capitals), isFrench = whole.contains("MOTIF"), isWire = [" IFO ", " IRO "].contains(where: whole.contains)
        var places: [(start: Int, value: Int, part: Part)] = [], at = 0
        while at < capitals.count {
            guard let label = Self.label(capitals, at), isFrench || !Self.frenchNames.contains(String(label.text)),
                isWire || !Self.wireNames.contains(String(label.text))
            else {
                at += 1
                continue
            }
            places.append((at, at + label.text.count, label.part))
            at += label.text.count
        }
        for (order, place) in places.enumerated() where place.part != .other {
            let next = order + 1 < places.count ? places[order + 1].start : characters.count
            let rest = characters[place.value..<max(place.value, next)]
            take(place.part, Self.value(rest))
            if place.part == .name, account == nil { account = Self.accountBehindName(rest) }
        }
        guard (name ?? account ?? endToEndID) != nil else { return nil }
    }

    private mutating func take(_ part: Part, _ value: String) {
        switch part {
        case .name:
            let letters = value.count(where: \.isLetter)
            if name == nil, letters >= 3, letters > value.count(where: \.isNumber), value.count <= 70 { name = value }
        case .account:
            if account == nil { account = Self.number(value) }
        case .endToEnd:
            if endToEndID == nil, !value.isEmpty, !["NOTPROVIDED", "NONREF"].contains(value.uppercased()) { endToEndID = value }
        case .other: break
        }
    }

    /// `ALPHA SRL  RO49AAAA1B31007593840000`: two blanks tell the name from the account.
    private static func accountBehindName(_ characters: ArraySlice<Character>) -> String? {
        let text = String(characters.drop { $0 == " " }.prefix { !$0.isNewline })
        guard let gap = text[...].range(of: "  ") else { return nil }
        let word = text[gap.upperBound...].drop { $0 == " " }.prefix { $0 != " " }
        return IBAN.isValid(String(word)) ? String(word) : nil
    }

    /// `BE43 0689 9999 9501 JANSSENS NV` → `BE43068999999501`; `000000-1234567890/0800`, as Czech banks write it, has its bank first as
    /// everywhere: `0800/1234567890`.
    private static func number(_ value: String) -> String? {
        let words = value.split(separator: " ")
        guard let first = words.first else { return nil }
        let groups = first.count == 4 ? words.prefix { $0.count <= 4 } : words.prefix(1), iban = groups.joined()
        if isIBAN(iban), iban.utf8.count >= 15 { return iban }
        guard first.utf8.count(where: \.isDigit) >= 6 else { return nil }
        let parts = first.split(separator: "/")
        guard parts.count == 2, parts[1].utf8.count == 4, parts[1].utf8.allSatisfy(\.isDigit) else { return String(first) }
        let groupsOfNumber = parts[0].split(separator: "-").drop { $0.allSatisfy { $0 == "0" } }
        return "\(parts[1])/\(groupsOfNumber.joined(separator: "-"))"
    }

    /// The longest label at this place; a letter before it would make it the end of another word.
    private static func label(_ capitals: [Character], _ at: Int) -> Label? {
        guard let known = labels[capitals[at]] else { return nil }
        let isWhole = at == 0 || !capitals[at - 1].isLetter || !capitals[at].isLetter
        return isWhole ? known.first { capitals[at...].starts(with: $0.text) } : nil
    }

    /// As far as the line, two blanks, a semicolon or the next word before a colon.
    private static func value(_ characters: ArraySlice<Character>) -> String {
        let line = characters.drop { $0 == " " }.prefix { !$0.isNewline && $0 != ";" }
        var words: [Substring] = []
        let text = String(line), end = text[...].range(of: "  ")?.lowerBound ?? text.endIndex
        for word in text[..<end].split(separator: " ") {
            if let colon = word.firstIndex(of: ":"), word[..<colon].contains(where: \.isLetter) { break }
            words.append(word)
        }
        let value = words.joined(separator: " ")
        return String(value.reversed().drop { " ,/-".contains($0) }.reversed())
    }

    /// A capital letter of ASCII for each letter of the languages above; any other character is itself.
    private static func capital(_ character: Character) -> Character { letters[character] ?? character }
    private static let letters: [Character: Character] = {
        let plain = Dictionary(
            uniqueKeysWithValues: (UInt8(97)...122).map { (Character(Unicode.Scalar($0)), Character(Unicode.Scalar($0 - 32))) })
        let marked: [(Character, String)] = [
            ("A", "ÁáÀàÂâÄäÃãÅåĄąĂă"), ("C", "ÇçČčĆć"), ("D", "ĎďĐđ"), ("E", "ÉéÈèÊêËëĚěĘę"), ("G", "Ğğ"), ("I", "İıÍíÎîÏï"), ("L", "Łł"),
            ("N", "ŃńŇňÑñ"), ("O", "ÓóÒòÔôÖöÕõØøŐő"), ("R", "Řř"), ("S", "ŚśŠšŞşȘș"), ("T", "ŤťȚțŢţ"), ("U", "ÚúÙùÛûÜüŮůŰű"), ("Y", "Ýý"),
            ("Z", "ŹźŻżŽž"),
        ]
        return marked.reduce(into: plain) { letters, entry in for letter in entry.1 { letters[letter] = entry.0 } }
    }()
}

extension BankEntry.Transaction {
    /// Takes over what the words of a bank tell of the payer and of the document behind labels.
    ///
    /// - Parameters:
    ///   - plain: The narrative as far as no code divides it, its lines told apart by line feeds.
    ///   - isIdentified: Whether the narrative has an end-to-end id of its own.
    mutating func takeLabels(of plain: String, isIdentified: Bool) {
        structuredReference = structuredReference ?? groupedReference(in: remittance) ?? variableSymbol(in: remittance)
        // A label within the name: it was not cut where it ends, and what is paid became a part of it.
        let isUncut = counterpartyName?.contains(":") == true
        guard isUncut || counterpartyName == nil else { return }
        guard let labels = PlainLabels(plain) else {
            counterpartyName = counterpartyName ?? clearedPayer(in: plain)
            return
        }
        if isUncut, labels.name != nil { remittance = singleSpaced(plain) }
        counterpartyName = labels.name ?? counterpartyName
        if counterpartyNumber == nil, let account = labels.account {
            if isIBAN(account) { counterpartyIBAN = account } else { counterpartyAccount = account }
        }
        if !isIdentified { endToEndID = labels.endToEndID ?? endToEndID }
    }
}

/// The payer that banks in India set between marks, behind the clearing and its numbers: `NEFT*HDFC0000001*N002260212345678*ALPHA
/// TRADERS PVT LTD*INV 17`, `UPI/CR/600312345678/ALPHA TRADERS/HDFC/…`, `RTGS CR-UTIB0000001-ALPHA LTD-…`.
private func clearedPayer(in text: String) -> String? {
    let clearing = text.prefix(while: \.isLetter)
    guard ["NEFT", "RTGS", "IMPS", "UPI"].contains(clearing), let mark = text.first(where: { "*/-".contains($0) }) else { return nil }
    let parts = text.split(separator: mark).dropFirst().prefix(6).map { singleSpaced(String($0)) }
    guard parts.count >= 3 else { return nil }
    return parts.first { part in
        let letters = part.count(where: \.isLetter), words = part.uppercased()
        return letters >= 5 && letters > 2 * part.count(where: \.isNumber) && !part.contains("@")
            && !["BANK", "INWARD", "CREDIT", "PAYMENT"].contains(where: words.contains)
    }
}

/// The number of a Belgian structured reference: `+++010/8068/17183+++` and `***010/8068/17183***` are `010806817183`.
func groupedReference(in text: String) -> String? {
    guard text.contains("+") || text.contains("*") else { return nil }
    let characters = Array(text)
    for start in characters.indices where characters[start] == "+" || characters[start] == "*" {
        let mark = characters[start], body = characters[start...].drop { $0 == mark }.prefix { $0 != mark && !$0.isWhitespace }
        let groups = body.split(separator: "/", omittingEmptySubsequences: false)
        let isGrouped = groups.map(\.count) == [3, 4, 5] && groups.allSatisfy { $0.allSatisfy { $0.isASCII && $0.isNumber } }
        if isGrouped, body.endIndex < characters.count, characters[body.endIndex] == mark { return String(groups.joined()) }
    }
    return nil
}

/// The variable symbol of Czech and Slovak payments, the number of the document: `VS: 2026001234 KS: 0308`, `/VS/2026001234/SS//KS/`.
func variableSymbol(in text: String) -> String? {
    guard text.contains("VS") else { return nil }
    let characters = Array(text)
    guard characters.count > 3 else { return nil }
    for at in 0..<characters.count - 3 where characters[at] == "V" && characters[at + 1] == "S" {
        let mark = characters[at + 2]
        let isStart = at == 0 || characters[at - 1] == "/" || mark == ":" && !characters[at - 1].isLetter
        guard isStart, mark == ":" || mark == "/" else {
            continue
        }
        let digits = characters[(at + 3)...].drop { $0 == " " }.prefix { $0.isASCII && $0.isNumber }
        let isEnded = digits.endIndex == characters.count || !characters[digits.endIndex].isLetter
        let number = digits.drop { $0 == "0" }
        if (1...10).contains(digits.count), isEnded, !number.isEmpty { return String(number) }
    }
    return nil
}
