"""What can be wrong with content, and how it is said to the author, in English and in Vietnamese."""

# One row a kind of problem: what is wrong; what would be right. The names in braces come from the rule.
SENTENCES: dict[str, dict[str, str]] = {
    "unreadable": {"en": "cannot be read: {reason}", "vi": "không đọc được: {reason}"},
    "missing-file": {"en": "this file is missing", "vi": "thiếu tập tin này"},
    "syntax": {"en": "not valid YAML: {reason}", "vi": "YAML sai cú pháp: {reason}"},
    "tab": {"en": "a tab; indent with spaces", "vi": "có dấu tab; hãy thụt lề bằng dấu cách"},
    "bad-key": {"en": "a key must be plain text", "vi": "khóa phải là chữ thường"},
    "empty": {"en": "the file is empty", "vi": "tập tin trống"},
    "wrong-ending": {
        "en": "nobody reads this file: a name ends in .yaml, not in .yml; rename it",
        "vi": "tập tin này không được đọc: tên phải kết thúc bằng .yaml, không phải .yml; hãy đổi tên",
    },
    "duplicate-key": {
        "en": "'{key}' is written twice; first on line {first}",
        "vi": "'{key}' bị viết hai lần; lần đầu ở dòng {first}",
    },
    "bare-yes": {
        "en": 'a bare {word} means true or false in YAML; write "{word}" in quotes, or true or false',
        "vi": 'chữ {word} trần là đúng/sai trong YAML; viết "{word}" trong ngoặc kép, hoặc true hay false',
    },
    "unknown-key": {"en": "unknown key '{key}'", "vi": "khóa lạ '{key}'"},
    "missing-key": {"en": "'{key}' is missing", "vi": "thiếu '{key}'"},
    "not-text": {"en": "must be text; put it in quotes", "vi": "phải là chữ; hãy đặt trong ngoặc kép"},
    "not-list": {"en": "must be a list, each item after a '-'", "vi": "phải là danh sách, mỗi mục sau dấu '-'"},
    "not-mapping": {"en": "must be 'key: value' lines", "vi": "phải là các dòng 'khóa: giá trị'"},
    "not-date": {"en": "'{value}' is not a date; write YYYY-MM-DD", "vi": "'{value}' không phải ngày; viết NĂM-THÁNG-NGÀY"},
    "not-number": {"en": "'{value}' is not a whole number", "vi": "'{value}' không phải số nguyên"},
    "not-true-false": {"en": "must be true or false", "vi": "phải là true hoặc false"},
    "out-of-range": {"en": "{value} is out of range: {allowed}", "vi": "{value} ngoài khoảng cho phép: {allowed}"},
    "too-long": {"en": "{count} characters; at most {limit}", "vi": "dài {count} ký tự; nhiều nhất {limit}"},
    "too-few": {"en": "empty; at least {limit} wanted", "vi": "trống; cần ít nhất {limit}"},
    "wrong-form": {"en": "'{value}' is not {wanted}", "vi": "'{value}' không phải {wanted}"},
    "bad-address": {
        "en": "'{value}' is not an address; use a-z, 0-9, '-' and '/'",
        "vi": "'{value}' không phải địa chỉ; chỉ dùng a-z, 0-9, '-' và '/'",
    },
    "dead-link": {"en": "{where} '{address}' does not exist", "vi": "{where} '{address}' không tồn tại"},
    "self-link": {"en": "{where} leads to this same page", "vi": "{where} dẫn về chính trang này"},
    "link-twice": {"en": "'{address}' is listed twice", "vi": "'{address}' bị liệt kê hai lần"},
    "unreached": {
        "en": "nobody can reach '{address}'; add it to a section in bot.yaml",
        "vi": "không ai đến được '{address}'; hãy thêm vào một mục trong bot.yaml",
    },
    "same-label": {
        "en": "two choices of '{address}' read the same in {language}: '{label}'",
        "vi": "hai lựa chọn của '{address}' trùng chữ trong tiếng {language}: '{label}'",
    },
    "shadowed": {
        "en": "'{label}' is a command that works everywhere ({command}); choose other words",
        "vi": "'{label}' là lệnh dùng ở mọi nơi ({command}); hãy chọn chữ khác",
    },
    "same-phrase": {
        "en": "'{phrase}' already leads to '{address}'",
        "vi": "'{phrase}' đã dẫn đến '{address}'",
    },
    "same-code": {
        "en": "'{address}' and '{other}' have the same code #{code}",
        "vi": "'{address}' và '{other}' trùng mã #{code}",
    },
    "token-long": {
        "en": "the address makes a button of {count} bytes; at most {limit}",
        "vi": "địa chỉ tạo nút dài {count} byte; nhiều nhất {limit}",
    },
    "payload-long": {
        "en": "the address makes a link payload of {count} characters; at most {limit}",
        "vi": "địa chỉ tạo liên kết dài {count} ký tự; nhiều nhất {limit}",
    },
    "screen-long": {
        "en": "the screen is {count} characters in {language}; at most {limit}",
        "vi": "màn hình dài {count} ký tự trong tiếng {language}; nhiều nhất {limit}",
    },
    "picture-missing": {
        "en": "'{file}' is not in content/pictures",
        "vi": "không có '{file}' trong content/pictures",
    },
    "picture-large": {"en": "'{file}' has {count} KB; at most {limit}", "vi": "'{file}' nặng {count} KB; nhiều nhất {limit}"},
    "picture-wide": {
        "en": "'{file}' is {pixels} pixels; at most {limit} on each side",
        "vi": "'{file}' rộng {pixels} điểm ảnh; mỗi cạnh nhiều nhất {limit}",
    },
    "picture-kind": {
        "en": "'{file}' is not the kind of picture that its name says, PNG or JPEG",
        "vi": "'{file}' không phải loại ảnh như tên gọi, PNG hoặc JPEG",
    },
    "list-long": {"en": "a list of {count} items; at most {limit}", "vi": "danh sách {count} mục; nhiều nhất {limit}"},
    "markup": {
        "en": "{found} is not shown; use paragraphs, '-' or '1.' lists, **bold** and [links](address)",
        "vi": "{found} không hiển thị được; dùng đoạn văn, danh sách '-' hoặc '1.', **đậm** và [liên kết](địa chỉ)",
    },
    "bad-link": {
        "en": "link '{target}' is no https address, phone (tel:) or address of the bot",
        "vi": "liên kết '{target}' không phải địa chỉ https, điện thoại (tel:) hay trang của bot",
    },
    "bad-phone": {
        "en": "'{number}' is not a phone number of {country}",
        "vi": "'{number}' không phải số điện thoại của {country}",
    },
    "unknown-phone": {
        "en": "phone '{number}' is not in hotlines.yaml",
        "vi": "số '{number}' không có trong hotlines.yaml",
    },
    "wrong-dial": {
        "en": "the link shows '{number}' but dials '{dialled}'",
        "vi": "liên kết hiện '{number}' nhưng gọi '{dialled}'",
    },
    "bare-phone": {
        "en": "phone '{number}' cannot be tapped; write [{number}](tel:{dialled})",
        "vi": "số '{number}' không bấm được; viết [{number}](tel:{dialled})",
    },
    "key-taken": {"en": "'{key}' is also in {file}", "vi": "'{key}' đã có trong {file}"},
    "no-contact": {
        "en": "nobody can get there: give phones, address, position, website, email or a note",
        "vi": "không ai tìm đến được: cần phones, address, position, website, email hoặc note",
    },
    "not-part": {
        "en": "'{old}' did not become part of '{province}'; its parts: {parts}",
        "vi": "'{old}' không thuộc '{province}'; các tỉnh cũ ở đó: {parts}",
    },
    "unknown-country": {
        "en": "'{code}' is no country; write its ISO 3166 code, such as KH",
        "vi": "'{code}' không phải nước nào; viết mã ISO 3166, ví dụ KH",
    },
    "far-position": {
        "en": "{position} is {km} km from '{province}', nearest to '{other}'; latitude stands first, as in [10.5, 105.1]",
        "vi": "{position} cách '{province}' {km} km, gần '{other}' nhất; viết vĩ độ trước, ví dụ [10.5, 105.1]",
    },
    "same-place": {
        "en": "'{name}' is in both '{one}' and '{other}'; move it to 'shared', so that people are asked which one",
        "vi": "'{name}' có ở cả '{one}' và '{other}'; chuyển xuống 'shared' để bot hỏi lại",
    },
    "key-reserved": {
        "en": "'{key}' means something else here, as do resume, restart, back, skip, done and typed; choose another key",
        "vi": "'{key}' có nghĩa riêng ở đây, như resume, restart, back, skip, done và typed; hãy chọn tên khác",
    },
    "question-and-ending": {
        "en": "'{key}' is a question and an ending; give one of them another key",
        "vi": "'{key}' vừa là câu hỏi vừa là kết thúc; hãy đổi tên một bên",
    },
    "no-answer": {
        "en": "nobody can answer '{key}'; give it 'options' or 'input'",
        "vi": "không ai trả lời được '{key}'; cần 'options' hoặc 'input'",
    },
    "two-answers": {
        "en": "'{key}' has both 'options' and 'input'; keep one of them",
        "vi": "'{key}' có cả 'options' và 'input'; chỉ giữ một",
    },
    "no-effect": {
        "en": "'{key}' has no effect here; take it away",
        "vi": "'{key}' không có tác dụng ở đây; hãy bỏ đi",
    },
    "no-right": {
        "en": "no option of '{key}' is right; mark one with 'right: true'",
        "vi": "'{key}' chưa có lựa chọn nào đúng; hãy ghi 'right: true' cho một lựa chọn",
    },
    "least-most": {
        "en": "'least' {least} is more than 'most' {most}",
        "vi": "'least' {least} lớn hơn 'most' {most}",
    },
    "zero": {
        "en": "a typed 0 leads home, so nobody can answer it; let 'least' be 1 or more, or give 'options'",
        "vi": "gõ 0 là về trang đầu, nên không ai trả lời 0 được; để 'least' từ 1 trở lên, hoặc dùng 'options'",
    },
    "form-loop": {
        "en": "the questions lead in a circle: {way}",
        "vi": "các câu hỏi dẫn vòng quanh: {way}",
    },
    "form-unreached": {
        "en": "no answers lead to '{key}'; lead there with 'to', change its 'points', or take it away",
        "vi": "không câu trả lời nào dẫn đến '{key}'; hãy dẫn đến bằng 'to', sửa 'points', hoặc bỏ đi",
    },
    "no-ending": {
        "en": "the questions can run out, and no ending has 'points'; give one of them 'points: 0'",
        "vi": "có thể trả lời hết câu mà chưa kết thúc nào có 'points'; hãy ghi 'points: 0' cho một kết thúc",
    },
    "few-points": {
        "en": "answers can give {points} points, but the endings begin with {least}; let one begin with {points} or less",
        "vi": "có thể chỉ được {points} điểm, mà kết thúc thấp nhất cần {least}; cần một kết thúc từ {points} trở xuống",
    },
    "unfilled": {
        "en": "{name} in braces is not filled in here; the bot fills in: {known}",
        "vi": "{name} trong dấu ngoặc nhọn không được điền ở đây; bot chỉ điền: {known}",
    },
    "overdue": {
        "en": "review was due on {due}; check the facts and set 'reviewed'",
        "vi": "đã quá hạn xem lại từ {due}; hãy kiểm tra và sửa 'reviewed'",
    },
    "future": {"en": "'{value}' is in the future", "vi": "'{value}' là ngày trong tương lai"},
    "unknown-language": {"en": "unknown language '{language}'", "vi": "ngôn ngữ lạ '{language}'"},
    "redirect-exists": {
        "en": "'{address}' still exists; a redirect from it has no effect",
        "vi": "'{address}' vẫn còn; chuyển hướng từ đó không có tác dụng",
    },
    "placeholders": {
        "en": "{language}: placeholders differ, {wanted} wanted, {found} found",
        "vi": "{language}: chỗ điền khác nhau, cần {wanted}, có {found}",
    },
    "links-differ": {
        "en": "{language}: links or phone numbers differ from the Vietnamese: {wanted} wanted, {found} found",
        "vi": "{language}: liên kết hoặc số điện thoại khác bản tiếng Việt: cần {wanted}, có {found}",
    },
    "not-in-answer": {
        "en": "the answer, '{title}', does not say '{text}'",
        "vi": "câu trả lời, '{title}', không có '{text}'",
    },
    "transcript-line": {
        "en": "a line begins with '> ' (typed), '< ' (in the answer) or '#'",
        "vi": "mỗi dòng bắt đầu bằng '> ' (gõ vào), '< ' (có trong câu trả lời) hoặc '#'",
    },
    "po-syntax": {"en": "not a valid PO file: {reason}", "vi": "tập tin PO sai cú pháp: {reason}"},
    "untranslated": {
        "en": "{language}: {missing} sentences missing, {stale} stale",
        "vi": "{language}: thiếu {missing} câu, {stale} câu cũ",
    },
}
HINT = {"en": "; did you mean '{word}'?", "vi": "; có phải ý bạn là '{word}'?"}
