/// Where a text's digits are a day, a time, an amount or somebody's number with another name: no references of ours.
struct PlainNumbers {
    private enum Kind {
        /// A reference that is written like a day, or like an amount, may still be that reference as a whole.
        case dayLike
        /// Neither it nor a part of it is a reference.
        case other
        /// A contract's number may be a reference as a whole, and nothing else is.
        case contract
        /// Four digits that are a year when they stand alone.
        case year
    }
    private struct Span {
        let start: Int
        let end: Int
        let kind: Kind
    }

    private var spans: [Span] = []

    /// Whether a stretch of the text's letters and digits is no reference.
    ///
    /// - Parameter isWhole: A reference of ours is written like the whole stretch, letter by letter.
    func cover(_ stretch: ReferenceText.Stretch, isWhole: Bool = false) -> Bool {
        spans.contains { span in
            guard span.start < stretch.end, stretch.start < span.end else { return false }
            let holds = stretch.start <= span.start && span.end <= stretch.end,
                isLonger = stretch.end - stretch.start > span.end - span.start
            switch span.kind {
            case .year: return holds && !isLonger
            case .contract: return !(isWhole && holds)
            case .dayLike: return !(isWhole && holds && stretch.end - stretch.start >= 5)
            case .other: return !(isWhole && holds && isLonger && stretch.end - stretch.start >= 8)
            }
        }
    }

    init() {}
    init(_ text: ReferenceText) {
        var run = 0
        while run < text.runs.count - 1 {
            let taken = take(from: run, text)
            run += max(1, taken)
        }
    }

    /// - Returns: How many runs it took.
    private mutating func take(from run: Int, _ text: ReferenceText) -> Int {
        guard text.isNumber(run) else { return takeNamed(from: run, text) }
        if let (count, kind) = Self.day(run, text) ?? Self.time(run, text) ?? Self.monthOfYear(run, text) ?? Self.amount(run, text) {
            spans.append(Span(start: text.runs[run], end: text.runs[run + count], kind: kind))
            return count
        }
        if text.length(run) == 4, (2000...2030).contains(text.value(run)), run == 0 || !text.isWord(run - 1, in: documentWords) {
            spans.append(Span(start: text.runs[run], end: text.runs[run + 1], kind: .year))
        }
        return 1
    }

    /// `12.03.2024`, `2024-03-12`, `12.03.`
    private static func day(_ run: Int, _ text: ReferenceText) -> (Int, Kind)? {
        guard !text.isTied(run), text.isNumber(run + 1), let mark = text.mark(before: run + 1), dayMarks.contains(mark) else { return nil }
        let first = text.value(run), second = text.value(run + 1), lengths = (text.length(run), text.length(run + 1))
        if text.isNumber(run + 2), text.mark(before: run + 2) == mark, lengths.1 <= 2 {
            let third = text.value(run + 2), length = text.length(run + 2)
            if lengths.0 == 4, isYear(first), length <= 2, isDay(third, second) { return (3, .dayLike) }
            guard lengths.0 <= 2, length == 2 || (length == 4 && isYear(third)) else { return nil }
            return isDay(first, second) || isDay(second, first) ? (3, .dayLike) : nil
        }
        guard mark == dot, lengths.0 <= 2, lengths.1 <= 2, text.mark(before: run + 2, isLoose: true) == dot else { return nil }
        return isDay(first, second) ? (2, .dayLike) : nil
    }

    /// `14:30`, `14:30:05`
    private static func time(_ run: Int, _ text: ReferenceText) -> (Int, Kind)? {
        func isTimes(_ at: Int, _ bound: Int) -> Bool { text.isNumber(at) && text.length(at) <= 2 && text.value(at) < bound }
        guard isTimes(run, 24), isTimes(run + 1, 60), text.length(run + 1) == 2, text.mark(before: run + 1) == colon else { return nil }
        return (isTimes(run + 2, 60) && text.mark(before: run + 2) == colon ? 3 : 2, .other)
    }

    private static func monthOfYear(_ run: Int, _ text: ReferenceText) -> (Int, Kind)? {
        text.monthAndYear(run).map { _ in (2, .dayLike) }
    }

    /// `1190,00`, `1.190,00`, and whole units right behind a currency.
    private static func amount(_ run: Int, _ text: ReferenceText) -> (Int, Kind)? {
        let isPriced = text.hasCurrency(before: run) || (run > 0 && text.isWord(run - 1, in: currencyWords))
        guard isPriced || !text.isTied(run) else { return nil }
        var last = run, group: UInt8?
        while text.length(run) <= 3, text.isNumber(last + 1), text.length(last + 1) == 3, let mark = text.mark(before: last + 1),
            mark == dot || mark == comma, group == nil || group == mark
        {
            (group, last) = (mark, last + 1)
        }
        if text.isNumber(last + 1), text.length(last + 1) == 2, let mark = text.mark(before: last + 1), mark == dot || mark == comma,
            mark != group, !text.isTied(last + 2)
        {
            let mayBeNumber = mark == dot && group == nil && text.value(last + 1) > 0 && !isPriced
            return (last + 2 - run, mayBeNumber ? .dayLike : .other)
        }
        guard isPriced || text.hasCurrency(rightBefore: last + 1) else { return nil }
        return (last + 1 - run, .other)
    }

    /// `Kd.Nr. 10901`, `Tel. 0711 123456`, `CHECK 10901`, `KD10901`: the number that another name stands before.
    private mutating func takeNamed(from run: Int, _ text: ReferenceText) -> Int {
        let letters = text.letters(run), digitsFrom = text.runs[run] + letters.count
        let isContract = contractNames.contains(letters), isCheck = digitsFrom == text.runs[run + 1] && checkWords.contains(letters)
        guard isContract || isCheck || otherNames.contains(letters) || customerNames.contains(letters) else { return 1 }
        if digitsFrom < text.runs[run + 1] {
            guard text.bytes[digitsFrom..<text.runs[run + 1]].allSatisfy({ $0 < 58 }) else { return 1 }
            spans.append(Span(start: text.runs[run], end: text.runs[run + 1], kind: .other))
            return 1
        }
        var next = run + 1
        if text.isWord(next, in: numberWords) { next += 1 }
        guard text.isNumber(next) || text.isLettered(next) else { return 1 }
        var last = next
        // A telephone number is written in several parts.
        while text.isNumber(last + 1), last - next < 3, text.isTied(last + 1) || telephoneNames.contains(letters) { last += 1 }
        spans.append(Span(start: text.runs[next], end: text.runs[last + 1], kind: isContract ? .contract : .other))
        return last + 1 - run
    }

    /// Whether the stretch is a contract's number.
    func isContract(_ stretch: ReferenceText.Stretch) -> Bool {
        spans.contains { $0.kind == .contract && $0.start <= stretch.start && stretch.end <= $0.end }
    }
}

private let dot = UInt8(ascii: "."), comma = UInt8(ascii: ","), colon = UInt8(ascii: ":")
private let dayMarks: Set<UInt8> = [dot, UInt8(ascii: "/"), UInt8(ascii: "-")]
private func isYear(_ value: Int) -> Bool { (1990...2049).contains(value) }
private func isDay(_ day: Int, _ month: Int) -> Bool { (1...31).contains(day) && (1...12).contains(month) }

/// Words are compared by their hash: most texts hold none of them.
struct WordSet: Sendable {
    private let hashes: Set<UInt64>
    init(_ words: String) {
        hashes = Set(
            words.split(separator: " ").map { word in
                var hash = KeyHash(0)
                hash.add(word.utf8)
                return hash.key
            })
    }
    func contains(_ word: ArraySlice<UInt8>) -> Bool {
        guard (2...16).contains(word.count) else { return false }
        var hash = KeyHash(0)
        hash.add(word)
        return hashes.contains(hash.key)
    }
}

private let documentWords = WordSet(
    "RECHNUNG RECHNUNGSNR RECHNR RE RG RGNR RENR INVOICE INV BILL NR NO NUMMER NUMBER FACTURE FACTURA FATTURA FACTUUR FAKTURA FV FA")
private let numberWords = WordSet("NR NO NUMMER NUMBER NUM ID NUMERO CODE")
private let currencyWords = WordSet("EUR EURO USD GBP CHF PLN CZK SEK NOK DKK HUF RON BGN JPY CAD AUD")
private let checkWords = WordSet("CHECK CHK CK CHQ CHEQ CHEQUE SCHECK")
private let countWords = WordSet(
    """
    BATCH RUN EFT TRX TXN TRANSACTION WIRE TRACE LAUF ZAHLLAUF MREF MANDATE MANDAT CHEQUE SCHECK VORGANG DOK ASIENTO REMESA DISTINTA \
    BOEKSTUK BETAALRUN VOUCHER CHECK CHK CK CHQ CHEQ
    """)
private let ourWords = WordSet("OUR UNSER UNSERE NOTRE ONS NOSTRO NUESTRA"),
    referenceWords = WordSet("REF REFERENCE REFERENZ ZEICHEN KENMERK RIF")
private let misreadDigits: Set<UInt8> = Set("BILOSZ".utf8)
private let telephoneNames = WordSet("TEL TELEFON TELEPHONE PHONE MOBIL HANDY FAX")
private let otherNames = WordSet(
    """
    TEL TELEFON TELEPHONE PHONE MOBIL HANDY FAX TAN PIN PLZ BLZ KTO KONTO KONTONR ACCOUNT ACCT MITGLIEDSNR MEMBER STEUERNR USTID
    """)
private let contractNames = WordSet(
    "VERTRAG VERTRAGSNR VERTRAGSNUMMER CONTRACT CONTRACTNO CONTRAT CONTRATO CONTRATTO UMOWA SMLOUVA AVTAL AFTALE KONTRAKT")
private let customerNames = WordSet(
    """
    KD KDNR KDNUMMER KUNDE KUNDENNR KUNDENNUMMER KNR KUNDENKONTO CUSTOMER CUSTOMERNO CUSTNO CLIENT KLANT KLANTNR KLANTNUMMER KLIENT \
    CLIENTE DEBITOR DEBITORENNR KUNDNR KUNDNUMMER KUNDENR KUNDENUMMER KONTRAHENT ASIAKASNUMERO ACC
    """)

extension ReferenceText {
    /// Calls `body` with each run that may be a document's number: four digits at least, three behind a word for a document, misread ones
    /// too. What a payer counts its own payments by is none.
    func forEachNumber(_ body: (Stretch) -> Void) {
        for run in 0..<(runs.count - 1) where mayBeNumber(run) && !isOwnCount(run) {
            let stretch = Stretch(start: runs[run], end: runs[run + 1], digits: 0, lettersFrom: runs[run])
            if !plain.cover(stretch) || plain.isContract(stretch) { body(stretch) }
        }
    }

    private func mayBeNumber(_ run: Int) -> Bool {
        guard length(run) <= Self.longest else { return false }
        let word = bytes[runs[run]..<runs[run + 1]], digits = word.reduce(0) { $0 + ($1 < 58 ? 1 : 0) }
        if digits >= 4 { return true }
        guard digits >= 2, word.allSatisfy({ $0 < 58 || misreadDigits.contains($0) }) else { return false }
        return word.count >= 4 || (digits == 3 && run > 0 && isWord(run - 1, in: documentWords))
    }

    /// `BATCH 4711`, `our ref 4711`
    private func isOwnCount(_ run: Int) -> Bool {
        guard run > 0 else { return false }
        if isWord(run - 1, in: countWords) { return true }
        if run > 1, isWord(run - 1, in: numberWords), isWord(run - 2, in: countWords) { return true }
        return run > 1 && isWord(run - 1, in: referenceWords) && isWord(run - 2, in: ourWords)
    }

    /// Whether a word for a customer stands before a run: `Kd.Nr. 10901`.
    func isStatedCustomer(_ run: Int) -> Bool {
        let before = run > 1 && isWord(run - 1, in: numberWords) ? run - 2 : run - 1
        return before >= 0 && isWord(before, in: customerNames)
    }

    /// `09/2024`, `2024-09`, when it is not a part of something longer.
    func monthAndYear(_ run: Int) -> (month: Int, year: Int)? {
        guard isNumber(run), !isTied(run), !isTied(run + 2), isNumber(run + 1), let mark = mark(before: run + 1), dayMarks.contains(mark)
        else { return nil }
        let (month, year) = length(run) == 4 ? (run + 1, run) : (run, run + 1)
        guard length(month) <= 2, length(year) == 4, (1...12).contains(value(month)), isYear(value(year)) else { return nil }
        return (value(month), value(year))
    }

    /// The year that a run is, in four digits or in two.
    func year(_ run: Int) -> Int? {
        guard isNumber(run), !isTied(run + 1) else { return nil }
        let year = value(run)
        if length(run) == 4, isYear(year) { return year }
        return length(run) == 2 && (20...49).contains(year) ? 2000 + year : nil
    }

    fileprivate func length(_ run: Int) -> Int { run < runs.count - 1 ? runs[run + 1] - runs[run] : 0 }
    fileprivate func isNumber(_ run: Int) -> Bool { run < runs.count - 1 && bytes[runs[run]..<runs[run + 1]].allSatisfy { $0 < 58 } }
    /// A letter and four digits or more, as customers are numbered: `D23255`.
    fileprivate func isLettered(_ run: Int) -> Bool {
        length(run) > 4 && letters(run).count == 1 && bytes[(runs[run] + 1)..<runs[run + 1]].allSatisfy { $0 < 58 }
    }
    /// The run's value; of more than nine digits a large one.
    fileprivate func value(_ run: Int) -> Int {
        length(run) > 9 ? .max : bytes[runs[run]..<runs[run + 1]].reduce(0) { $0 * 10 + Int($1) - 48 }
    }
    /// The letters that a run begins with.
    fileprivate func letters(_ run: Int) -> ArraySlice<UInt8> { bytes[runs[run]..<runs[run + 1]].prefix { $0 >= 58 } }
    fileprivate func isWord(_ run: Int, in words: WordSet) -> Bool {
        run < runs.count - 1 && words.contains(bytes[runs[run]..<runs[run + 1]])
    }

    /// The one separator before a run.
    ///
    /// - Parameter isLoose: The first of several, too.
    fileprivate func mark(before run: Int, isLoose: Bool = false) -> UInt8? {
        guard run < joints.count, joints[run].count == 1 || (isLoose && joints[run].count > 0) else { return nil }
        return joints[run].first
    }

    /// Whether a separator alone, and no blank, ties the run to letters or digits before it.
    fileprivate func isTied(_ run: Int) -> Bool {
        guard run > 0, run < runs.count - 1, let mark = mark(before: run) else { return false }
        return dayMarks.contains(mark) || mark == comma || mark == colon
    }
    fileprivate func hasCurrency(before run: Int) -> Bool {
        run < joints.count && joints[run].hasCurrency && (run == 0 || !joints[run].startsWithIt)
    }
    fileprivate func hasCurrency(rightBefore run: Int) -> Bool { run < joints.count && joints[run].hasCurrency && joints[run].startsWithIt }
}
