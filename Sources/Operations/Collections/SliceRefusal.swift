import Domain

/// A business "no" about a part of an item.
package enum SliceRefusal: Refusal {
    case unknownDocument(String)
    case settled(String)
    case unknown
    case closed(String)
    case aboveFree(String, free: Money)
    case notAnAmount
    case noReason
    case dayMissing
    case unknownCode(String)
    case notDisputed(String)

    package var category: RefusalCategory {
        switch self {
        case .unknownDocument, .unknown: .missing
        case .settled, .closed, .notDisputed: .conflict
        case .aboveFree, .notAnAmount, .noReason, .dayMissing, .unknownCode: .invalid
        }
    }
    package var code: String {
        switch self {
        case .unknownDocument: "document_not_found"
        case .settled: "document_settled"
        case .unknown: "slice_not_found"
        case .closed: "slice_closed"
        case .aboveFree: "amount_above_free"
        case .notAnAmount: "amount_not_positive"
        case .noReason: "reason_missing"
        case .dayMissing: "promise_day_missing"
        case .unknownCode: "reason_code_unknown"
        case .notDisputed: "slice_kind"
        }
    }
    package var message: String {
        switch self {
        case .unknownDocument(let number): "document \(number) does not exist"
        case .settled(let number): "document \(number) owes nothing: no part of it can stand apart"
        case .unknown: "there is no such part"
        case .closed(let number): "this part of \(number) was ended already"
        case .aboveFree(let number, let free):
            "\(number): only \(free.readable) is open that nothing else stands on"
        case .notAnAmount: "an amount is above zero, in the currency of the document"
        case .noReason: "say why"
        case .dayMissing: "a promise names the day it is for, today or later and within this lifetime"
        case .unknownCode(let code):
            code.isEmpty
                ? "name the reason of the deduction: \(Self.reasons)"
                : "the customer's code \(code) is not mapped yet: name our reason with it once (\(Self.reasons))"
        case .notDisputed(let number): "this part of \(number) is promised: end the promise before it is written off"
        }
    }
    private static var reasons: String { ReasonCode.allCases.map(\.rawValue).joined(separator: ", ") }
}
