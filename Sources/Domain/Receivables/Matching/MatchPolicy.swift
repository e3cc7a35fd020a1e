/// How far the payer's identity, the documents named and the amount must agree before cash is posted without a person.
///
/// The rows are ranked; the first that fits a proposal gives its confidence and what is done with it.
/// - Source: the 24 rules that Microsoft publishes for Business Central's payment application, from which the standard differs where a
///   proof is at hand: what it calls medium is posted when the solution is unique or the reference is exact.
package struct MatchPolicy: Equatable, Sendable {
    package enum Party: String, Sendable, CaseIterable { case fully, partially, none }
    package enum Documents: String, Sendable, CaseIterable { case several, one, none }
    /// What the amount says of the items: they add up to it, it lies beside them, or nothing fits.
    package enum Amount: String, Sendable, CaseIterable { case one, several, other }
    package enum Confidence: String, Sendable, CaseIterable { case high, medium, low }
    package enum Action: String, Sendable, CaseIterable { case post, propose, leave }

    package struct Row: Equatable, Sendable {
        package let confidence: Confidence
        /// 1 is the first of its confidence.
        package let priority: Int
        package let party: Party
        package let documents: Documents
        /// nil where the amount is not considered.
        package let amount: Amount?
        package var action: Action
        package var name: String { "\(confidence.rawValue) \(priority)" }

        package init(
            confidence: Confidence, priority: Int, party: Party, documents: Documents, amount: Amount?, action: Action
        ) {
            (self.confidence, self.priority, self.party, self.documents) = (confidence, priority, party, documents)
            (self.amount, self.action) = (amount, action)
        }

        /// Whether what fits `other` always fits this one before it.
        package func hides(_ other: Row) -> Bool {
            party == other.party && documents == other.documents && (amount == nil || amount == other.amount)
        }
    }

    package var name: String
    package var rows: [Row]
    /// Points for each fact; a proposal's score is their sum.
    package var weights = Weights()
    /// A proposal below this is not posted.
    package var minimumScore = 60
    /// How far the best proposal must be ahead of the next.
    package var minimumMargin = 15
    /// The largest difference that is rounding, in minor units of the receipt's currency.
    package var roundingMinor: Int64 = 1
    /// What else may be missing of documents that are named.
    package var tolerances = Tolerances()
    /// Whether an unknown payer's exact reference is doubted because a number that differs in one digit has the same amount open.
    package var doubtsNeighbours = false
    /// Whether a known payer may settle a document of a customer with whom he has nothing to do.
    package var postsForOthers = true
    /// Whether money without a reference may be an advance: it settles nothing that was issued later, nor anything when the words say so.
    package var doubtsAdvances = false
    /// Whether a number in the text that names nothing may name what is meant: then an amount alone settles nothing.
    package var doubtsNumbers = false
    /// Whether an amount that many open items have needs more than a payer who is known, or a number that may be his own.
    package var doubtsCommonAmounts = false
    /// A receipt that waits lays claim to the payer's items of its amount when they are no more than this.
    package var claimLimit = 1
    /// Whether a document that a waiting receipt of an unknown payer names is kept from its customer, who names it too.
    package var holdsForStrangers = false
    /// Part payments, overpayments and credits kept back by a known payer who names documents: posted, or proposed.
    package var differences = Action.post
    /// Subsets of a payer's items are searched up to this many; the search declares what it covered.
    package var subsetLimit = 60_000
    /// Without a reference, a multiple of this in hundredths may as well be a payment on account; 0 asks nobody.
    package var roundMinor: Int64 = 50_00
    /// One sum among this many is the most that chance may explain when several items are found by their sum alone.
    package var coincidenceLimit: Int64 = 50_000

    /// A habit posts when its counts prove at least this precision, per mille; above 1000 none does.
    package var habitFloor: Int64 = 900
    /// The most that a payer who rounds may leave unpaid, in hundredths of a unit: it is booked as a rounding difference.
    package var habitRoundingMinor: Int64 = 99

    package struct Weights: Equatable, Sendable {
        package var checkedReference = 50
        package var advice = 50
        package var reference = 45
        package var digits = 40
        package var correctedReference = 30
        package var hint = 15
        package var account = 40
        package var iban = 35
        package var mandate = 35
        package var name = 25
        package var family = 20
        package var exactAmount = 30
        package var typedAmount = 25
        package var partAmount = 5
        package var unique = 10
        package var habit = 25
        package init() {}
    }

    package init(name: String, rows: [Row]) { (self.name, self.rows) = (name, rows) }

    /// Posts differences of a known payer too: the rest stays open, or on account.
    package static let standard = MatchPolicy(name: "standard", rows: publishedRows)
    /// Posts only what settles whole items to the unit.
    package static let strict = {
        var policy = MatchPolicy(name: "strict", rows: publishedRows)
        policy.differences = .propose
        policy.doubtsNeighbours = true
        policy.postsForOthers = false
        policy.doubtsAdvances = true
        policy.doubtsNumbers = true
        policy.doubtsCommonAmounts = true
        policy.claimLimit = 5
        policy.holdsForStrangers = true
        policy.habitFloor = 1_001
        return policy
    }()

    package func row(_ party: Party, _ documents: Documents, _ amount: Amount) -> Row? {
        rows.first { $0.party == party && $0.documents == documents && ($0.amount ?? amount) == amount }
    }

    /// The policy as one line for each setting: what its version is taken from.
    package var text: String {
        func said(_ doubts: Bool) -> String { doubts ? "doubted" : "taken" }
        let settings = [
            "policy \(name)", "score \(minimumScore) margin \(minimumMargin)", "rounding \(roundingMinor)",
            "differences \(differences.rawValue)", "neighbours \(said(doubtsNeighbours))",
            "others \(postsForOthers ? "posted" : "asked") advances \(said(doubtsAdvances)) numbers \(said(doubtsNumbers)) "
                + "common amounts \(said(doubtsCommonAmounts)) "
                + "claims \(claimLimit) \(holdsForStrangers ? "against all" : "against the unnamed")",
            "subsets \(subsetLimit) coincidence \(coincidenceLimit) round \(roundMinor)",
            "habits floor \(habitFloor) rounding \(habitRoundingMinor)",
            "weights \(weights.text)",
        ]
        let table = rows.map {
            "\($0.name): \($0.party.rawValue) / \($0.documents.rawValue) / \($0.amount?.rawValue ?? "any") -> \($0.action.rawValue)"
        }
        // Left out where nothing is set, so that the version of a policy that was published stays what it was.
        let tolerances = self.tolerances == Tolerances() ? [] : [self.tolerances.text]
        return (settings + tolerances + table).joined(separator: "\n")
    }

    private static let publishedRows: [Row] = {
        func row(
            _ confidence: Confidence, _ priority: Int, _ party: Party, _ documents: Documents, _ amount: Amount?, _ action: Action
        ) -> Row {
            Row(confidence: confidence, priority: priority, party: party, documents: documents, amount: amount, action: action)
        }
        return [
            row(.high, 1, .fully, .several, .one, .post), row(.high, 2, .fully, .several, .several, .post),
            row(.high, 3, .fully, .one, .one, .post),
            row(.high, 4, .fully, .one, .several, .post), row(.high, 5, .partially, .several, .one, .post),
            row(.high, 6, .partially, .several, .several, .post), row(.high, 7, .partially, .one, .one, .post),
            row(.high, 8, .fully, .none, .one, .post),
            row(.high, 9, .none, .several, .one, .post), row(.high, 10, .none, .several, .several, .propose),
            row(.medium, 1, .fully, .several, nil, .post), row(.medium, 2, .fully, .one, nil, .post),
            row(.medium, 3, .fully, .none, .several, .post),
            row(.medium, 4, .partially, .several, nil, .propose), row(.medium, 5, .partially, .one, nil, .propose),
            row(.medium, 6, .none, .one, .one, .post), row(.medium, 7, .none, .several, nil, .propose),
            row(.medium, 8, .partially, .none, .one, .propose), row(.medium, 9, .none, .one, nil, .propose),
            row(.low, 1, .fully, .none, .other, .leave), row(.low, 2, .partially, .none, .several, .leave),
            row(.low, 3, .partially, .none, .other, .leave), row(.low, 4, .none, .none, .one, .leave),
            row(.low, 5, .none, .none, .several, .leave),
        ]
    }()
}

extension MatchPolicy.Weights {
    /// Each weight by the name that settings and a policy's text give it.
    package static let fields: [(name: String, path: any WritableKeyPath<MatchPolicy.Weights, Int> & Sendable)] = [
        ("checked", \.checkedReference), ("advice", \.advice), ("reference", \.reference), ("digits", \.digits),
        ("corrected", \.correctedReference), ("hint", \.hint), ("account", \.account), ("mandate", \.mandate), ("iban", \.iban),
        ("name", \.name), ("family", \.family), ("exact", \.exactAmount), ("typed", \.typedAmount), ("part", \.partAmount),
        ("unique", \.unique), ("habit", \.habit),
    ]

    package var text: String { Self.fields.map { "\($0.name)=\(self[keyPath: $0.path])" }.joined(separator: " ") }

    func points(_ strength: ReferenceStrength) -> Int {
        switch strength {
        case .checked: checkedReference
        case .advised: advice
        case .whole: reference
        case .number: digits
        case .corrected: correctedReference
        case .weak: hint
        case .listed: correctedReference
        }
    }

    func points(_ evidence: PayerEvidence) -> Int {
        switch evidence {
        case .account: account
        case .iban: iban
        case .mandate: mandate
        case .name: name
        }
    }
}
