import Domain
import Operations

/// A state in a word and a mark, so that colour never speaks alone.
struct Badge: Sendable, Equatable {
    enum Tone: String, Sendable { case calm, good, warn, bad, info }
    let text: String
    let tone: Tone
    init(_ text: String, _ tone: Tone) { (self.text, self.tone) = (text, tone) }

    var html: HTML { "<span class=\"badge \(tone.rawValue)\"><span aria-hidden=\"true\">\(mark)</span>\(text)</span>" }

    private var mark: String {
        switch tone {
        case .calm: "○"
        case .good: "✓"
        case .warn: "◐"
        case .bad: "▲"
        case .info: "●"
        }
    }
}

extension Badge {
    /// What is left of an item and how late it is.
    init(open: Money, of amount: Money, dueOn: Day, asOf: Day, slices: [StandingSlice] = []) {
        let apart = slices.sum(in: open.currency), rest = open - apart.disputed - apart.promised
        if open.minor == 0 {
            self.init("Settled", .good)
        } else if apart.disputed.minor > 0 {
            self.init(apart.disputed == open ? "Disputed" : "Disputed in part", .warn)
        } else if apart.promised.minor > 0, rest.minor == 0 || dueOn >= asOf {
            self.init("Promised", .info)
        } else if amount.minor < 0 {
            self.init("Credit", .info)
        } else if dueOn < asOf {
            self.init("Overdue", .bad)
        } else {
            self.init(open == amount ? "Open" : "Part paid", .calm)
        }
    }

    init(order state: String) {
        switch state {
        case "held": self.init("Held", .warn)
        case "confirmed": self.init("Confirmed", .info)
        case "billed": self.init("Billed", .good)
        case "cancelled": self.init("Cancelled", .calm)
        default: self.init(words(state), .calm)
        }
    }
}

/// What a page says in place of data.
struct Empty: Sendable {
    let title: String
    let text: String
    var link: (text: String, to: String)?
    init(_ title: String, _ text: String, link: (text: String, to: String)? = nil) {
        (self.title, self.text, self.link) = (title, text, link)
    }

    /// Of a page behind the last one.
    static let ended = Empty("No further rows", "The list ends before this page.")

    var html: HTML {
        """
        <div class="empty"><p class="empty-title">\(title)</p><p>\(text)</p>\
        \(link.map { "<p><a class=\"button\" href=\"\($0.to)\">\($0.text)</a></p>" as HTML })</div>
        """
    }
}
