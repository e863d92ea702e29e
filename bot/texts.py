"""Every sentence the bot says that is not an answer from the knowledge base.

One place, so that a native reader can read the bot's manners from top to bottom. Placeholders
in braces are filled by the caller; `{hotline}` comes from `knowledge/values/`, never from here.
Numbers of the emergency services are public constants, not policy figures.
"""

from __future__ import annotations

WELCOME = (
    "Chào anh/chị! Đây là trợ lý tự động giải đáp về bảo hiểm y tế học sinh, sinh viên và hộ gia "
    "đình. Anh/chị cứ hỏi bằng lời thường ngày, có dấu hay không dấu đều được, ví dụ “nhà 4 người "
    "đóng bao nhiêu”.",
    "Cần người hỗ trợ, anh/chị nhắn “gặp nhân viên”. Xin đừng gửi số căn cước, mã số BHXH hay số "
    "điện thoại vào đây.",
    "Các nội dung hay được hỏi (nhắn số để chọn):",
)

HELLO = (
    "Chào anh/chị! Đây là trợ lý tự động về bảo hiểm y tế. Anh/chị cần hỏi điều gì ạ? "
    "Ví dụ: mức đóng, cách tham gia, thẻ BHYT, ứng dụng VssID.",
)

#: Before the first message; Messenger shows at most 160 characters.
PROFILE_GREETING = (
    "Trợ lý tự động về bảo hiểm y tế học sinh và hộ gia đình. Anh/chị cứ hỏi bằng lời thường "
    "ngày; cần gặp người, nhắn “gặp nhân viên”."
)
PROFILE_MENU = "Xem các chủ đề"

MENU_HEAD = "Anh/chị muốn hỏi về nội dung nào? Xin nhắn số thứ tự hoặc gõ câu hỏi."

EMPTY = (
    "Tin nhắn vừa rồi không có chữ nên trợ lý chưa hiểu. Anh/chị gõ giúp câu hỏi về bảo hiểm "
    "y tế, ví dụ “mức đóng BHYT học sinh năm nay”.",
)

ATTACHMENT = {
    "audio": "Trợ lý chưa nghe được tin thoại. Anh/chị gõ giúp câu hỏi thành chữ nhé.",
    "sticker": "Cảm ơn anh/chị! Nếu cần hỏi về bảo hiểm y tế, anh/chị cứ gõ câu hỏi nhé.",
    "gif": "Cảm ơn anh/chị! Nếu cần hỏi về bảo hiểm y tế, anh/chị cứ gõ câu hỏi nhé.",
    "image": (
        "Trợ lý chưa xem được hình ảnh. Anh/chị gõ giúp câu hỏi thành chữ nhé; xin đừng gửi ảnh "
        "thẻ BHYT hay căn cước vào đây."
    ),
    "location": (
        "Trợ lý chưa đọc được vị trí. Anh/chị gõ giúp tên tỉnh, thành phố và câu hỏi nhé."
    ),
}
ATTACHMENT_OTHER = (
    "Trợ lý chỉ đọc được tin nhắn chữ, không mở tệp hay đường dẫn. Anh/chị gõ giúp câu hỏi nhé."
)

THANKS = ("Rất vui được hỗ trợ anh/chị. Khi cần, anh/chị cứ nhắn tiếp nhé.",)
#: To "ok", "vâng", "thôi khỏi" when nothing was asked; to "có" while choices are open.
ACKNOWLEDGED = ("Dạ, anh/chị cần hỏi gì thêm cứ nhắn ạ.",)
AGREED = ("Dạ, anh/chị nhắn số thứ tự của nội dung muốn xem, hoặc gõ câu hỏi giúp trợ lý ạ.",)
GOODBYE = ("Chào anh/chị. Khi cần hỏi về bảo hiểm y tế, anh/chị cứ nhắn lại nhé.",)
WHO = (
    "Đây là trợ lý tự động, trả lời theo các văn bản về bảo hiểm y tế đã được kiểm tra và ghi rõ "
    "căn cứ. Khi cần người hỗ trợ, anh/chị nhắn “gặp nhân viên” hoặc gọi tổng đài {hotline}.",
)
SMALL_TALK = (
    "Trợ lý chỉ giúp được về bảo hiểm y tế và bảo hiểm xã hội. Anh/chị có câu hỏi nào về mức "
    "đóng, thẻ BHYT hay VssID không ạ?",
)
ABUSE = (
    "Trợ lý xin lỗi nếu câu trả lời chưa giúp được anh/chị. Anh/chị cho biết cụ thể cần hỏi gì, "
    "hoặc gọi tổng đài {hotline} để gặp người hỗ trợ.",
)
FOREIGN = (
    "This automatic assistant answers questions about Vietnamese health insurance in Vietnamese "
    "only. Please call {hotline} for help.",
    "Trợ lý này chỉ trả lời bằng tiếng Việt.",
)
EMERGENCY = (
    "Nếu đang có người cần cấp cứu, xin gọi ngay 115 hoặc đến cơ sở y tế gần nhất. Giấy tờ bảo "
    "hiểm y tế có thể bổ sung sau.",
)
CRISIS = (
    "Trợ lý rất tiếc khi nghe điều này. Anh/chị không phải chịu đựng một mình: xin gọi ngay cấp "
    "cứu 115, hoặc tổng đài 111 nếu người gặp nguy hiểm là trẻ em, và nói với một người thân "
    "đang ở gần.",
)

NOT_KNOWN = (
    "Trợ lý chưa có câu trả lời được kiểm chứng cho câu hỏi này. Anh/chị vui lòng gọi tổng đài "
    "{hotline} hoặc hỏi cơ quan BHXH nơi gần nhất."
)
NOT_KNOWN_NEAR = "Có thể anh/chị đang quan tâm (nhắn số để chọn):"
ASK_BACK = "Anh/chị muốn hỏi điều nào dưới đây? Xin nhắn số thứ tự, hoặc viết rõ hơn câu hỏi."
FOLLOW_UPS = "Anh/chị có thể hỏi tiếp (nhắn số để chọn):"

#: Of several questions in one message: the ones that the reply does not answer.
PART_NOT_KNOWN = (
    "Về {question}, trợ lý chưa có câu trả lời được kiểm chứng; anh/chị vui lòng gọi tổng đài "
    "{hotline} hoặc hỏi cơ quan BHXH nơi gần nhất."
)
PART_UNCLEAR = "Về {question}, trợ lý chưa rõ ý; anh/chị nhắn lại riêng câu này giúp nhé."
PART_LATER = "Về {question}, anh/chị nhắn lại riêng câu này để trợ lý trả lời tiếp nhé."
#: Three questions or more in one message, and the rest of them under the answer to one.
WHICH_FIRST = (
    "Anh/chị hỏi nhiều việc trong một tin nhắn. Anh/chị muốn được trả lời việc nào trước? "
    "Xin nhắn số thứ tự."
)
STILL_ASKED = "Những việc khác anh/chị đã hỏi (nhắn số để xem tiếp):"
PART_QUOTED = "câu “{words}”"
PART_OTHER = "câu hỏi còn lại trong tin nhắn"

REFUSED_PERSONAL = (
    "Trợ lý không tra cứu được hồ sơ của từng người, nên không biết thẻ, mã số hay quá trình "
    "đóng của riêng anh/chị.",
    "Anh/chị tự xem được trên ứng dụng VssID, hoặc tại Cổng thông tin của BHXH Việt Nam, mục "
    "“Tra cứu trực tuyến”; cũng có thể gọi tổng đài {hotline} hoặc hỏi cơ quan BHXH nơi cư trú.",
)
IDENTIFIER_CAUTION = (
    "Xin lưu ý: anh/chị đừng gửi số căn cước, mã số BHXH, số thẻ hay số điện thoại vào khung "
    "chat. Trợ lý không cần và đã che các số đó trước khi lưu."
)

HANDED_OVER_HOURS = (
    "Trợ lý đã chuyển lời tới nhân viên. Nhân viên trực {hours} và sẽ trả lời anh/chị ngay tại "
    "đây; trong lúc chờ, trợ lý vẫn trả lời các câu hỏi của anh/chị. Việc gấp, anh/chị gọi tổng "
    "đài {hotline}.",
)
HANDED_OVER_LATER = (
    "Trợ lý đã ghi nhận là anh/chị muốn gặp nhân viên. Hiện ngoài giờ trực ({hours}); nhân viên "
    "sẽ đọc tin của anh/chị từ {opening}. Trong lúc chờ, trợ lý vẫn trả lời các câu hỏi tại đây. "
    "Việc gấp, anh/chị gọi tổng đài {hotline}.",
)
#: Behind the second "not known" in a row, where staff answer chats.
HANDOVER_OFFER = (
    "Anh/chị có muốn gặp nhân viên hỗ trợ không? Nhắn “có” để trợ lý chuyển lời, hoặc viết lại "
    "câu hỏi theo cách khác."
)
HANDOVER_DECLINED = ("Vâng. Anh/chị cứ viết lại câu hỏi theo cách khác, trợ lý sẽ tìm giúp.",)
#: Before the first reply after a person has answered.
BOT_BACK = "Trợ lý tự động trả lời trở lại. Cần gặp nhân viên, anh/chị nhắn “gặp nhân viên”."

FEEDBACK_ASK = (
    "Câu trả lời có đúng ý anh/chị không? (nhắn “đúng” hoặc “chưa đúng”; không trả lời cũng được)"
)
FEEDBACK_GOOD = "Đúng ý"
FEEDBACK_BAD = "Chưa đúng"
FEEDBACK_THANKS = "Cảm ơn anh/chị đã cho biết. Cần hỏi thêm, anh/chị cứ nhắn nhé."
FEEDBACK_WHY = (
    "Cảm ơn anh/chị đã cho biết. Câu trả lời chưa được ở điểm nào? Xin nhắn số thứ tự, hoặc viết "
    "lại câu hỏi cho rõ hơn."
)
FEEDBACK_NOTED = (
    "Trợ lý đã ghi lại để người biên soạn sửa. Anh/chị có thể viết lại câu hỏi theo cách khác, "
    "hoặc nhắn “gặp nhân viên”."
)

#: What a follow-up took over from the turns before it.
ASSUMED = "Áp dụng {what} như anh/chị đã nói ở trên; nếu khác, anh/chị cứ nhắn lại."
#: Before an answer that was just given.
AGAIN = "Nội dung này nằm trong câu trả lời ở trên, trợ lý nhắc lại để anh/chị tiện xem:"
WHICH_PLACE = (
    "Anh/chị ở tỉnh, thành phố nào? Xin nhắn tên tỉnh, kể cả tên trước khi sáp nhập, ví dụ “Bắc "
    "Giang”."
)
SPECIAL_CASES = "Anh/chị chọn trường hợp của mình, hoặc hỏi tiếp (nhắn số để chọn):"
#: Of news a citizen has heard: beside an answer, and where there is none.
HEARSAY = (
    "Nếu tin anh/chị nghe được khác với nội dung trên thì hiện chưa có thông tin chính thức xác "
    "nhận tin đó."
)
HEARSAY_NOT_KNOWN = (
    "Trợ lý chưa có thông tin chính thức nào về tin này, nên không xác nhận đúng hay sai. Anh/chị "
    "đừng vội làm theo hay chuyển tiền; xin hỏi tổng đài {hotline} hoặc cơ quan BHXH nơi gần nhất."
)
COMPLAINT = (
    "Trợ lý xin lỗi vì chưa giúp được anh/chị. Anh/chị viết lại câu hỏi giúp trợ lý theo cách "
    "khác, nhắn “gặp nhân viên”, hoặc gọi tổng đài {hotline}.",
)
ABUSE_AGAIN = ("Khi cần hỏi về bảo hiểm y tế, anh/chị cứ nhắn câu hỏi, trợ lý sẽ trả lời.",)
EMOJI = ("Cảm ơn anh/chị! Cần hỏi gì về bảo hiểm y tế, anh/chị cứ nhắn nhé.",)
HANDED_OVER = (
    "Kênh này hiện không có nhân viên trực. Anh/chị gọi tổng đài {hotline} hoặc đến cơ quan BHXH "
    "nơi gần nhất để gặp người hỗ trợ; trợ lý vẫn trả lời các câu hỏi của anh/chị tại đây.",
)
STAFF_HERE = "Nhân viên hỗ trợ trả lời anh/chị:"
ERASE_ASK = (
    "Anh/chị muốn xóa toàn bộ cuộc trò chuyện này khỏi hệ thống của trợ lý? Nếu đúng, xin nhắn "
    "“đồng ý xóa”; nếu không, anh/chị cứ nhắn tiếp như thường. Dữ liệu đã xóa không lấy lại được. "
    "Thẻ BHYT và hồ sơ tại cơ quan BHXH không bị ảnh hưởng."
)
ERASED = (
    "Trợ lý xóa dữ liệu của anh/chị ngay sau tin nhắn này: các tin nhắn, câu trả lời và những gì "
    "trợ lý đã ghi nhớ; chỉ giữ lại số đếm không gắn với ai. Bản lưu trong ứng dụng nhắn tin thì "
    "anh/chị tự xóa được trong ứng dụng. Khi cần, anh/chị cứ nhắn lại như lần đầu."
)
ERASE_KEPT = "Trợ lý giữ nguyên dữ liệu. Anh/chị cần hỏi gì thêm, xin cứ nhắn."
TOPIC_OFF = (
    "Nội dung này đang được cập nhật nên trợ lý tạm thời chưa trả lời. Anh/chị vui lòng gọi tổng "
    "đài {hotline} hoặc hỏi cơ quan BHXH nơi gần nhất."
)
RATE_NOTE = "Anh/chị nhắn nhanh quá nên trợ lý chưa kịp đọc hết. Xin đợi một lát rồi nhắn tiếp nhé."
INTERNAL_ERROR = (
    "Xin lỗi anh/chị, hệ thống đang trục trặc nên chưa trả lời được câu này. Anh/chị thử lại sau "
    "ít phút hoặc gọi tổng đài {hotline}."
)

SOURCES = "Căn cứ: {sources}."
SINGLE_SOURCE = (
    "Lưu ý: thông tin này mới có một nguồn ({source}); nên hỏi lại {hotline} trước khi làm."
)
APPLIED_DAY = "Trả lời cho thời điểm {day}:"
APPLIED_PERIOD = "Trả lời cho thời gian từ {first} đến {last}:"
SEGMENT = "Từ {first} đến {last}:"
SEGMENT_DAY = "Ngày {first}:"
FUTURE = (
    "Đây là quy định đã công bố tính đến {today}; nếu có thay đổi trước thời điểm đó, số tiền sẽ "
    "khác."
)
RECORD_OPEN = "Theo {document}{dated}:"
RECORD_TODAY = "Quy định hiện nay: {text}"
OWN_GROUP = "Số tiền tính theo nhóm {group}, vì mức hỗ trợ của nhóm này cao hơn."

NO_FIGURE = (
    "Hiện chưa có số liệu được xác nhận về {name} cho thời điểm {day}, nên trợ lý không nêu con số."
)
NO_FIGURE_LAST = "Mức gần nhất có căn cứ là {value}, áp dụng đến hết ngày {until} ({source})."
NO_FIGURE_COMING = "Đã công bố: {value}, dự kiến từ {since} ({source})."
NO_FIGURE_ASK = (
    "Anh/chị vui lòng hỏi tổng đài {hotline} hoặc cơ quan BHXH nơi cư trú để được xác nhận."
)
RULE_OUTSIDE = (
    "Trợ lý chưa có quy định được xác nhận về nội dung này cho thời điểm {day}. Quy định trong "
    "kho dữ liệu áp dụng từ {first}{until}."
)
