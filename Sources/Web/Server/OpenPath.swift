/// Addresses that stand in no table: anybody may ask for them. The responder answers by these cases alone.
enum OpenPath: String, CaseIterable {
    case health = "/healthz", ready = "/readyz", metrics = "/metrics", document = "/openapi.json", reference = "/reference"
    /// What stands below it is one of `Asset.all`.
    case assets = "/assets"
    case signIn = "/sign-in", welcome = "/welcome", reset = "/reset", signOut = "/sign-out"

    init?(_ path: String) {
        if path.hasPrefix("\(Self.assets.rawValue)/") {
            self = .assets
        } else {
            guard path != Self.assets.rawValue else { return nil }
            self.init(rawValue: path)
        }
    }

    /// Whether its answers are read by programs.
    var isForPrograms: Bool {
        switch self {
        case .health, .ready, .metrics, .document: true
        case .reference, .assets, .signIn, .welcome, .reset, .signOut: false
        }
    }
}
