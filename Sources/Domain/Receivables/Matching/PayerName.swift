/// A payer's or customer's name as names are compared: Latin capitals without marks, punctuation, blanks and legal form.
package func foldedName(_ name: String) -> String { PayerName(name).plain }

/// The ways in which a bank may write a name: as `foldedName` gives it, then with two letters for one where they are usual, as `MUELLER` for
/// `Müller`. One for a name in plain letters.
package func nameSpellings(_ name: String) -> [String] { PayerName(name).spellings }

/// A name as far as it can be compared with one that a bank has cut or written without marks: `MUELLER` is `Müller`.
///
/// - Parameter folded: As `foldedName` gives it.
func comparableName(_ folded: String) -> String {
    let bytes = folded.utf8
    return String(unsafeUninitializedCapacity: bytes.count) { buffer in
        var count = 0, before: UInt8 = 0
        for byte in bytes {
            // An E behind A, O or U.
            let isMark = byte == 69 && (before == 65 || before == 79 || before == 85)
            before = byte
            if isMark { continue }
            buffer[count] = byte
            count += 1
        }
        return count
    }
}

/// The words of a name that tell it from others: three letters at least, no legal form.
package func nameWords(_ name: String) -> [String] {
    foldedWords(name, .plain).filter { $0.utf8.count >= 3 && WordKind($0)?.isForm != true }
}

private func joinedWithoutForm(_ words: [String]) -> String {
    let kept = words.filter { WordKind($0)?.isForm != true }
    return (kept.isEmpty ? words : kept).joined()
}

private func foldedWords(_ name: String, _ spelling: NameSpelling) -> [String] {
    joiningInitials(alphanumericRuns(name.utf8.allSatisfy { $0 < 0x80 } ? name : latin(name, spelling)))
}

/// `S. A.` is `SA`, `Z O O` is `ZOO`: letters that stand alone make one word.
private func joiningInitials(_ words: [String]) -> [String] {
    func isInitial(_ word: String) -> Bool { word.utf8.count == 1 && word.utf8.first! >= 65 }
    guard words.contains(where: isInitial) else { return words }
    var joined: [String] = [], isOpen = false
    for word in words {
        if isInitial(word), isOpen { joined[joined.count - 1] += word } else { joined.append(word) }
        isOpen = isInitial(word)
    }
    return joined
}

/// What kind of person a name says it is, as far as it tells one of the same name from another.
enum LegalForm: UInt8, Sendable {
    case none, privateLimited, publicLimited, partnership, limitedPartnership, soleTrader, association
    /// A form of which several kinds are in use: it tells nothing.
    case some

    /// Whether two names with these forms are two persons.
    func isOther(than form: LegalForm) -> Bool { self != form && tells && form.tells }
    private var tells: Bool { self != .none && self != .some }
}

/// A payer's name as it is compared with customers'.
package struct PayerName: Sendable {
    /// As `foldedName` gives it; empty for a name without letters and digits.
    package let plain: String
    /// With two letters for one, where that is another.
    private let long: String?
    let legalForm: LegalForm
    /// It is that of a provider that collects for many: its account and its name are nobody's.
    package let isCollector: Bool

    package init(_ name: String) {
        let words = foldedWords(name, .plain)
        var kept = "", form = LegalForm.none, isPartnership = false, collects = false
        for word in words {
            switch WordKind(word) {
            case nil: kept += word
            case .collector:
                kept += word
                collects = true
            case .form(let own):
                if own != .some || form == .none { form = own }
                isPartnership = isPartnership || own == .limitedPartnership
            }
        }
        plain = kept.isEmpty ? words.joined() : kept
        // `GmbH & Co. KG` is a limited partnership.
        (legalForm, isCollector) = (isPartnership ? .limitedPartnership : form, collects)
        let long = name.utf8.allSatisfy({ $0 < 0x80 }) ? plain : joinedWithoutForm(foldedWords(name, .long))
        self.long = long == plain ? nil : long
    }

    /// As `nameSpellings` gives them.
    package var spellings: [String] { plain.isEmpty ? [] : [plain] + (long.map { [$0] } ?? []) }

    /// Whether two names may be one person's: spelled alike in one of the usual ways, and not of two kinds of legal form.
    package func isAlike(_ other: PayerName) -> Bool {
        !Set(spellings).isDisjoint(with: other.spellings) && !legalForm.isOther(than: other.legalForm)
    }

    func isSpelled(_ body: (String) -> Bool) -> Bool { !plain.isEmpty && body(plain) || long.map(body) ?? false }
}

/// What a word of a name says beside the name itself.
private enum WordKind {
    case form(LegalForm), collector
    var isForm: Bool { if case .form = self { true } else { false } }

    /// nil for a word that says nothing beside the name, as nearly all do: they are told by how they begin and how long they are.
    init?(_ word: String) {
        guard let first = word.utf8.first, first < 128, wordLengths[Int(first)] >> word.utf8.count & 1 == 1, let kind = wordKinds[word]
        else { return nil }
        self = kind
    }
}

/// By the first byte of a word of a kind, a bit for each length that such words have.
private let wordLengths: [UInt32] = {
    var lengths = [UInt32](repeating: 0, count: 128)
    for word in wordKinds.keys { lengths[Int(word.utf8.first!)] |= 1 << word.utf8.count }
    return lengths
}()

private let wordKinds: [String: WordKind] = {
    let forms: [(LegalForm, String)] = [
        (.privateLimited, "GMBH MBH LTD LIMITED LLC SARL BV SRL SL SLU LDA APS ZOO SRO DOO KFT OOD EOOD OOO TOV EPE IKE PTY UG SASU"),
        (.publicLimited, "AG PLC SE SPA NV ASA OYJ SA AD EAD AO OAO ZAO PAO AE KGAA"),
        (.partnership, "OHG VOF LLP"), (.limitedPartnership, "KG"), (.soleTrader, "EK"), (.association, "EV"),
        (.some, "INC INCORPORATED CORP CORPORATION COMPANY CO SAS AB AS OY SP"),
    ]
    let collectors =
        "PAYPAL KLARNA STRIPE ADYEN MOLLIE SUMUP WORLDPAY PAYONE RATEPAY BILLPAY GOCARDLESS SOFORT UNZER TRUSTLY WISE REVOLUT PAYU PRZELEWY24"
    func each(_ words: String, _ kind: WordKind) -> [(String, WordKind)] { words.split(separator: " ").map { (String($0), kind) } }
    return Dictionary(uniqueKeysWithValues: forms.flatMap { each($1, .form($0)) } + each(collectors, .collector))
}()
