import Foundation

/// A bar on the terminal's error channel; silent when that is no terminal.
struct Progress {
    private let title: String
    private let total: Int
    private let isShown = isatty(2) == 1
    private var drawn = -1

    init(_ title: String, of total: Int) { (self.title, self.total) = (title, max(1, total)) }

    mutating func show(_ done: Int) {
        let percent = min(100, done * 100 / total)
        guard isShown, percent != drawn else { return }
        drawn = percent
        let bar = String(repeating: "█", count: percent / 4) + String(repeating: "·", count: 25 - percent / 4)
        FileHandle.standardError.write(Data("\r\(title) \(bar) \(percent) %  ".utf8))
    }

    func end() {
        guard isShown else { return }
        FileHandle.standardError.write(Data("\r\u{1B}[K".utf8))
    }
}
