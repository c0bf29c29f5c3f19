import styles from "./OptionList.module.css"
import type { Option } from "./options.ts"

interface OptionListProps {
  readonly id: string
  readonly label: string
  readonly options: ReadonlyArray<Option>
  /** -1: none is chosen yet. */
  readonly chosen: number
  readonly note: string | null
  readonly onChoose: (option: Option) => void
}

export const optionId = (list: string, index: number): string => `${list}-${index}`

/** The choices over the prompt, which keeps the keyboard. */
export const OptionList = ({ chosen, id, label, note, onChoose, options }: OptionListProps) => (
  <div className={styles.panel} data-keeps-focus>
    {options.length > 0 && (
      <div id={id} role="listbox" aria-label={label} className={styles.list}>
        {options.map((option, index) => (
          <div key={`${option.group} ${option.id}`} role="presentation">
            {option.group !== "" && option.group !== options[index - 1]?.group && (
              <div className={styles.group} aria-hidden="true">
                {option.group}
              </div>
            )}
            <button
              type="button"
              id={optionId(id, index)}
              role="option"
              tabIndex={-1}
              aria-selected={index === chosen}
              className={styles.option}
              // The prompt keeps the focus.
              onPointerDown={(event) => event.preventDefault()}
              onClick={() => onChoose(option)}
            >
              <span className={styles.label}>{option.label}</span>
              <span className={styles.detail}>{option.detail}</span>
            </button>
          </div>
        ))}
      </div>
    )}
    {note !== null && (
      <p className={styles.note} role="status">
        {note}
      </p>
    )}
  </div>
)
