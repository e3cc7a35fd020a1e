import Domain
import Foundation
import Synchronization

/// Runs receipts through the matching engine and judges each posting by the truth; between days the truth answers what waits.
struct MatchingBench {
    struct Score {
        var receipts = 0, lines = 0, wrongPostings = 0, wrongMinor: Int64 = 0
        var touchlessPayments = 0, touchlessLines = 0, posted = 0, postedLines = 0, payerKnown = 0
        /// Wrong postings whose cash lies where it was meant: what the payer kept back for a reason stays open.
        var differencesOpen = 0
        var rules: [String: Int] = [:]
        var reasons: [String: Int] = [:]
    }

    /// The first wrong postings, in words.
    private(set) var faults: [String] = []
    private(set) var score = Score()
    var engineSeconds = 0.0
    static let notAboveZero = "its amount is not above zero"
    private var index: MatchIndex
    private var learning = MatchLearning()
    private var judgingSeconds = 0.0
    private let world: ReceiptWorld
    private let policy: MatchPolicy
    private let hasTruth: Bool
    /// What became of a receipt: what was posted for it, or why nothing was, and whether the truth agrees with what was posted.
    struct Decision {
        let match: Match?
        let reason: String
        let isRight: Bool?
    }
    /// Told each decision with the receipt's place.
    private let told: ((Int, Decision) throws -> Void)?

    init(_ world: ReceiptWorld, _ policy: MatchPolicy, hasTruth: Bool = true, told: ((Int, Decision) throws -> Void)? = nil) {
        (self.world, self.policy, self.hasTruth, self.told) = (world, policy, hasTruth, told)
        index = world.index()
    }

    mutating func run(_ progress: (Int) -> Void) throws {
        let ahead = ReadAhead(index.reader, world)
        var at = 0, chunk: (first: Int, readings: [ReceiptReading]) = (0, [])
        while at < world.receipts.count {
            let day = world.receipts[at].bookedOn
            let end = world.receipts[at...].firstIndex { $0.bookedOn != day } ?? world.receipts.count
            var waiting: [(at: Int, reading: ReceiptReading)] = []
            let start = seconds()
            while at < end {
                if at == chunk.first + chunk.readings.count { chunk = (at, ahead.next(after: chunk.readings)) }
                let reading = chunk.readings[at - chunk.first]
                if try !decideOne(at, reading) { waiting.append((at, reading)) }
                at += 1
            }
            if hasTruth {
                for (place, reading) in waiting { answer(place, reading) }
                index.releaseClaims()
            }
            engineSeconds += seconds() - start - judgingSeconds
            judgingSeconds = 0
            progress(at)
        }
    }

    /// - Returns: Whether the receipt was posted, or waits for no answer.
    private mutating func decideOne(_ at: Int, _ reading: ReceiptReading) throws -> Bool {
        guard world.receipts[at].amount.minor > 0 else {
            try compare(at, nil, reason: Self.notAboveZero)
            return true
        }
        let paidOn = min(world.receipts[at].bookedOn, world.receipts[at].valueOn)
        var matchCase = index.matchCase(reading, cash: world.receipts[at].amount, paidOn: paidOn)
        matchCase.policy = policy
        switch decide(matchCase) {
        case .ask(let reason, _):
            index.claim(matchCase)
            try compare(at, nil, reason: reason)
            return false
        case .apply(let match):
            post(match, reading, payers: matchCase.payers)
            try compare(at, match)
            return true
        }
    }

    /// Holds a decision against the truth, on a clock of its own.
    private mutating func compare(_ at: Int, _ match: Match?, reason: String = "") throws {
        let start = seconds()
        let isRight = judge(at, match, reason: reason)
        try told?(at, Decision(match: match, reason: reason, isRight: isRight))
        judgingSeconds += seconds() - start
    }

    private mutating func post(
        _ match: Match, _ reading: ReceiptReading, payers: [(customer: ID<Customer>, evidence: PayerEvidence)]
    ) {
        for line in match.lines {
            index.settle(line.amount, of: line.itemID)
            if match.isUnnamed { index.add(settledUnnamed: line.itemID) }
        }
        func isKnown(by evidence: PayerEvidence) -> Bool { payers.contains { $0 == (match.customer, evidence) } }
        // Who is known by account and by name teaches nothing.
        let isKnown = isKnown(by: .name) && (reading.words.iban == nil || isKnown(by: .iban)) && reading.words.mandateID == nil
        if match.teachesPayer, !isKnown { learn(reading, match.customer) }
    }

    private mutating func learn(_ reading: ReceiptReading, _ customer: ID<Customer>) {
        let isOwn = index.paysInOwnName(reading, customer)
        let learned = learning.learn(
            reading, customer, isOwnName: isOwn, isCutName: !isOwn && index.paysInCutName(reading, customer),
            isFamilys: index.paysForFamily(reading.words, reading.name, customer))
        for (evidence, value) in learned { index.add(evidence, value, customer) }
    }

    /// Counts what became of a receipt and holds it against the truth.
    ///
    /// - Returns: Whether what was posted is what was meant; nil where nothing was, or nothing is known.
    @discardableResult mutating func judge(_ at: Int, _ match: Match?, reason: String = "") -> Bool? {
        let truths = world.truths[world.receipts[at].truths], lines = truths.filter { $0.item != nil }.count
        score.receipts += 1
        score.lines += lines
        guard let match else {
            score.reasons[reasonKind(reason), default: 0] += 1
            return nil
        }
        score.posted += 1
        score.postedLines += match.lines.count
        score.rules[match.rule.rawValue, default: 0] += 1
        guard hasTruth else { return nil }
        var meant: [Int64: Int64] = [:], rest: Int64 = 0
        for truth in truths {
            if let item = truth.item { meant[item, default: 0] += truth.settledMinor } else { rest += truth.cashMinor }
        }
        let posted = Dictionary(match.lines.map { ($0.itemID, $0.amount.minor) }, uniquingKeysWith: +)
        if posted == meant, match.rest.minor == rest, !truths.contains(where: { $0.reason == .notOurs }) {
            score.touchlessPayments += 1
            score.touchlessLines += lines
            return true
        }
        score.wrongPostings += 1
        score.wrongMinor += world.receipts[at].amount.minor
        if isPlaced(match, truths) {
            score.differencesOpen += 1
            return false
        }
        if faults.count < 20 { faults.append(described(match, at, meant, rest)) }
        return false
    }

    /// Whether the cash of each item, and what is left of it, is what the payer meant.
    private func isPlaced(_ match: Match, _ truths: ArraySlice<ReceiptWorld.Truth>) -> Bool {
        var cash: [Int64: Int64] = [:], meant: [Int64: Int64] = [:]
        for line in match.lines { cash[line.itemID, default: 0] += line.amount.minor }
        for one in match.adjustments { cash[one.itemID, default: 0] -= one.amount.minor }
        if match.rest.minor > 0 { cash[0] = match.rest.minor }
        for truth in truths { meant[truth.item ?? 0, default: 0] += truth.cashMinor }
        return cash == meant && !truths.contains { $0.reason == .notOurs }
    }

    private func described(_ match: Match, _ at: Int, _ meant: [Int64: Int64], _ rest: Int64) -> String {
        func named(_ items: [(Int64, Int64)]) -> String {
            items.map { "\(index[item: $0.0]?.item.number ?? "?") \($0.1)" }.joined(separator: ", ")
        }
        let receipt = world.receipts[at], words = receipt.words
        return """
            receipt \(at + 1) of \(receipt.amount.minor) by \(words.name ?? "-") \(words.iban ?? "-") saying \
            '\(words.structuredReference ?? "")|\(words.remittance)':
              posted \(named(match.lines.map { ($0.itemID, $0.amount.minor) })) rest \(match.rest.minor) [\(match.rule.rawValue): \
            \(match.explanation)]
              meant \(named(meant.sorted { $0.key < $1.key })) rest \(rest) \
            \(Set(world.truths[receipt.truths].map(\.reason.rawValue)).sorted())
            """
    }

    /// The clerk's answer: what the payer meant is booked, and teaches.
    private mutating func answer(_ at: Int, _ reading: ReceiptReading) {
        let receipt = world.receipts[at]
        var customers: Set<ID<Customer>> = []
        for truth in world.truths[receipt.truths] {
            guard let id = truth.item, let known = index[item: id] else { continue }
            let open = known.item.open
            let settled = open.minor > 0 ? min(truth.settledMinor, open.minor) : max(truth.settledMinor, open.minor)
            index.settle(Money(minor: settled, open.currency), of: id)
            customers.insert(known.customer)
        }
        if customers.count == 1, let customer = customers.first { learn(reading, customer) }
    }
}

/// Reads the words of receipts on a second core while the first decides: a few chunks ahead, in order.
private final class ReadAhead: Sendable {
    private static let chunk = 512, depth = 4
    private let chunks = Mutex<[[ReceiptReading]]>([])
    /// What was decided on, to be freed on the reading core.
    private let done = Mutex<[[ReceiptReading]]>([])
    private let ready = DispatchSemaphore(value: 0), space = DispatchSemaphore(value: depth)

    init(_ reader: ReferenceIndex, _ world: ReceiptWorld) {
        DispatchQueue(label: "read ahead").async { [self] in
            for start in stride(from: 0, to: world.receipts.count, by: Self.chunk) {
                space.wait()
                done.withLock { $0.removeAll() }
                // Through a pointer, since an array's elements are copied one by one before they are read.
                let readings = world.receipts.withUnsafeBufferPointer { receipts in
                    (start..<min(start + Self.chunk, receipts.count)).map { reader.read(receipts[$0].words) }
                }
                chunks.withLock { $0.append(readings) }
                ready.signal()
            }
        }
    }

    func next(after last: [ReceiptReading]) -> [ReceiptReading] {
        done.withLock { $0.append(last) }
        ready.wait()
        defer { space.signal() }
        return chunks.withLock { $0.removeFirst() }
    }
}
