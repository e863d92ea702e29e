"""What people write besides questions, as they really write it, with and without accents."""

from __future__ import annotations

import pytest

from bot.normalize import fold
from bot.smalltalk import Turn, is_personal, recognise
from tests.small_answers import KNOWLEDGE, strings

WORDS = strings(KNOWLEDGE / "lexicon" / "smalltalk.yaml")

LINES = {
    Turn.GREETING: """
        chào | Xin chào | chào bạn | chào ad | alo | alo ad ơi | hello shop | hi | hey
        Chào anh chị ạ
        ad ơi | ad | ad ơi ad à ad | alo ad | em ơi
        có ai không ạ | ai đó ơi | chào buổi sáng | dạ em chào ad ạ | xin chao | chao ad a""",
    Turn.THANKS: """
        cảm ơn | cảm ơn ad nhiều | cám ơn nhé | em cảm ơn ạ | thanks | thank u | thank you | tks ad
        ok cảm ơn bạn
        cam on | da cam on ad nhieu a | hay quá | tuyệt vời | được rồi cảm ơn""",
    Turn.GOODBYE: "tạm biệt | bye | bye ad | bai bai | chúc ngủ ngon | hẹn gặp lại | tam biet nhe",
    Turn.WHO: """
        bạn là ai | bạn là robot à | ban la ai vay | bạn tên gì | là người hay máy vậy
        đây là bot hay người | ai tạo ra bạn | bạn làm được gì""",
    Turn.ABUSE: "ngu vậy | đồ ngu | bot ngu quá | vô dụng | vcl | do ngu | chán quá",
    Turn.SMALL_TALK: """
        trời đẹp quá | ăn cơm chưa | kể chuyện đi | yêu bạn | thời tiết hôm nay | an com chua""",
    Turn.HANDOVER: """
        gặp nhân viên | cho em gặp nhân viên với | cho tôi gặp người thật | gap nhan vien
        có nhân viên không ạ | chuyển cho nhân viên đi | em cần người hỗ trợ | co ai truc khong
        cho gặp tư vấn viên | tôi muốn nói chuyện với người""",
    Turn.MENU: """
        menu | Menu | bắt đầu | trợ giúp | help | huong dan | hướng dẫn | quay lại | chủ đề""",
    Turn.EMERGENCY: """
        cứu với | bố em đang nguy kịch | mẹ bất tỉnh rồi | gọi cấp cứu | con em khó thở quá
        chảy máu nhiều quá | co giat | cuu voi""",
    Turn.CRISIS: """
        tôi muốn tự tử | em muốn chết | không muốn sống nữa | muốn tự tử | con tôi định tự tử
        tự tử | em bị xâm hại | khong muon song nua | muon tu tu | em bị bạo hành ở nhà""",
    Turn.PERSONAL: """
        tra giúp em mã số bhxh | kiểm tra giúp em thẻ còn hạn không | xem giúp mẹ em thẻ bhyt
        tra cứu hộ em quá trình đóng với | thẻ của con em còn hạn không
        check giúp mình mã thẻ | ad tìm giúp em số sổ bhxh | nhờ ad tra cứu giúp
        hồ sơ của em đến đâu rồi | kiem tra giup toi the bhyt | em đóng được mấy năm rồi
        mã số bhxh của em là gì""",
    Turn.ACKNOWLEDGEMENT: """
        ok | ok em | OK ạ. | oke ad | vâng | vâng ạ | uh | ừ | dạ | dạ vâng ạ | thôi khỏi | vậy thôi
        không | dạ không ạ | không có gì | thôi không cần gặp nữa | không cần gặp nhân viên đâu
        đúng rồi | hiểu rồi ạ | rõ rồi | được rồi | à | thế à | vậy hả | ok? | vang a | da
        thôi để em xem lại đã ạ | ra vậy | thoi khoi | duoc roi | khong co gi""",
    Turn.AGREEMENT: "có | có ạ | dạ có | muốn | có chứ | co a",
    Turn.FOREIGN: """
        How much is health insurance for students please
        what does my card mean, can you help me""",
}

QUESTIONS = """
    mức đóng bhyt học sinh năm nay | bhyt hs bn tien | chào ad, cho em hỏi mức đóng bhyt học sinh
    cảm ơn ad, còn hộ gia đình thì sao | mất thẻ bhyt phải làm sao | quên mật khẩu vssid
    từ từ đã, cho em hỏi thẻ bhyt | tu tu em hoi chut the bhyt lam sao | cứ từ từ trả lời ạ
    đóng từ từ được không | bhyt tự nguyện bao nhiêu | làm sao tra cứu mã số bhxh
    cách kiểm tra thẻ bhyt còn hạn không | tra cứu thẻ bhyt ở đâu | tra cuu ma so bhxh the nao
    làm thế nào để xem thẻ của con trên vssid | xem quá trình đóng bhxh bằng cách nào
    kiểm tra thẻ bhyt trên trang nào | thẻ của con được hưởng bao nhiêu phần trăm
    hướng dẫn em cài vssid | hướng dẫn tra cứu giúp em với ạ
    chết rồi thì thẻ bhyt có thu hồi không
    tai nạn nặng thì bhyt có chi trả không | cấp cứu thì bhyt có được thanh toán không
    đi cấp cứu quên mang thẻ bhyt có được hưởng không | can bo bhxh lam viec gio nao
    lừa đảo bhyt | số điện thoại tổng đài bhxh | tổng đài bhyt số mấy | menu vssid ở đâu
    con tôi đi học có phải đóng bhyt không | học sinh chết đuối có được bhyt chi trả không
    vợ em sinh con hưởng bao nhiêu | thẻ bhyt của em bị sai tên sửa ở đâu
    chi phí chạy thận có được bhyt trả không | khám sức khỏe có được hưởng bhyt không
    đá | đã đóng rồi | ở | thẻ à | thế nào | vậy sao | rồi sao | được không | ok không | có không
    không? | có? | không hiểu | chưa rõ | không đóng | có thẻ | em có con | 6 tháng | ok 6 tháng
    vâng thế còn hộ nghèo | bỏ học | khỏi đóng | ai | gì
    nghỉ việc rồi có mua bhyt hộ gia đình được không | bao giờ có thẻ"""


def lines(text: str) -> list[str]:
    return [line.strip() for row in text.strip().splitlines() for line in row.split("|")]


def turn(text: str) -> Turn | None:
    return recognise(fold(text), text.lower(), WORDS)


@pytest.mark.parametrize(
    ("text", "wanted"), [(text, kind) for kind, block in LINES.items() for text in lines(block)]
)
def test_a_turn_that_is_no_question(text: str, wanted: Turn) -> None:
    assert turn(text) is wanted


@pytest.mark.parametrize("text", lines(QUESTIONS))
def test_a_question_is_left_to_matching(text: str) -> None:
    assert turn(text) is None


@pytest.mark.parametrize("text", [t for kind, block in LINES.items() for t in lines(block)])
def test_without_accents_never_another_kind(text: str) -> None:
    """The same kind, or none: where the accents decided, a question is the safe reading."""
    bare = fold(text)
    assert recognise(bare, bare, WORDS) in (turn(text), None)


@pytest.mark.parametrize(
    ("text", "crisis"),
    [
        ("em muốn tự tử", True),
        ("em muon tu tu", True),
        ("tự vẫn", True),
        ("từ từ em trả lời", False),
        ("tu tu em tra loi", False),
        ("từ tử tế", False),
        ("ad cứ từ từ", False),
        ("muốn từ từ đóng", False),
        ("em muốn từ từ rồi mới đóng bhyt", False),
        ("muốn chết vì chờ lâu quá", True),
        ("sống không nổi nữa", True),
    ],
)
def test_only_danger_is_danger(text: str, crisis: bool) -> None:
    assert (turn(text) is Turn.CRISIS) is crisis


def test_crisis_comes_before_everything_else() -> None:
    assert turn("chào ad, em muốn tự tử, thẻ bhyt của em còn hạn không") is Turn.CRISIS
    assert turn("gặp nhân viên, em không muốn sống nữa") is Turn.CRISIS


@pytest.mark.parametrize(
    ("text", "personal"),
    [
        ("tra cứu giúp em", True),
        ("tra cứu giúp em ở đâu", False),
        ("cách tra cứu giúp em", False),
        ("xem giúp con em thẻ đã duyệt chưa", True),
        ("có phải kiểm tra giúp con không", False),
        ("thẻ bhyt của tôi hết hạn ngày 31/12", False),
        ("em đóng được mấy năm rồi ad xem giúp", True),
        ("em dong duoc may nam roi ad xem giup", True),
        ("không tra được bhyt, họ bắt trả tiền cho con", False),
    ],
)
def test_a_look_up_is_told_from_how_to_look_up(text: str, personal: bool) -> None:
    assert is_personal(fold(text), text.lower(), WORDS) is personal


def test_every_kind_of_the_word_list_is_read() -> None:
    used = {kind.value for kind in Turn} - {Turn.FOREIGN}
    assert set(WORDS) - used == {
        "filler",
        "crisis_accented",
        "personal_accents",
        "personal_not",
        "identifier",
        "hearsay",
        "hearsay_asked",
        "agree",
        "decline",
        "refusal",
        "calling",
        "ack_filler",
        "feedback_good",
        "feedback_bad",
    }


@pytest.mark.parametrize("kind", ["greeting", "thanks", "goodbye", "menu", "abuse", "handover"])
def test_the_word_lists_are_folded(kind: str) -> None:
    assert all(phrase == fold(phrase) for phrase in WORDS[kind])
